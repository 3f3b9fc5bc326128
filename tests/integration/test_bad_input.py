# SPDX-License-Identifier: Apache-2.0
"""What people and clusters get wrong, and what they are told."""
import csv
import io
import json
import signal
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from processes import clean_environment, free_port, run_measured

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "registry.example/{name}:1"}}]}}
"""


def kubeconfig_for(tmp_path, server):
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "only",
                                "clusters": [{"name": "only", "cluster": {"server": server}}], "users": [{"name": "only", "user": {"token": "t"}}],
                                "contexts": [{"name": "only", "context": {"cluster": "only", "user": "only"}}]}))
    return path


@pytest.fixture
def measured(binary):
    """measured(*arguments): (exit status, stdout, stderr, peak resident bytes)."""

    def call(*arguments):
        done, used = run_measured([binary, *arguments], timeout=180, capture_output=True, text=True, errors="replace")
        return done.returncode, done.stdout, done.stderr, used["peak_bytes"]

    return call


# Files


def test_a_broken_document_is_named_with_file_line_and_reason_and_so_are_the_other_broken_files(run, tmp_path):
    (tmp_path / "good.yaml").write_text(DEPLOYMENT.format(name="good"))
    (tmp_path / "broken.yaml").write_text(DEPLOYMENT.format(name="fine") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: broken\nspec: {}\n")
    (tmp_path / "broken.json").write_text('{"apiVersion": "v1",\n "kind": "Pod",\n "metadata": {"name": "x",}}')

    done = run("audit", tmp_path, status=1)

    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert [line for line in lines if "broken.yaml:1" in line], done.stderr
    assert [line for line in lines if "broken.json:3" in line], done.stderr
    assert "good.yaml" not in done.stderr


def test_keep_going_makes_a_broken_document_a_gap(run, tmp_path):
    (tmp_path / "good.yaml").write_text(DEPLOYMENT.format(name="good"))
    (tmp_path / "broken.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: broken\n")

    report = json.loads(run("audit", tmp_path, "--keep-going", "-o", "json").stdout)

    assert [gap for gap in report["gaps"] if "broken.yaml" in gap["message"] and gap["reason"] == "malformed"], report["gaps"]
    assert [result for result in report["results"] if result["object"]["name"] == "good"]
    assert report["metadata"]["complete"] is False


@pytest.mark.parametrize("content", [None, "README.md"])
def test_a_folder_without_manifests_is_a_clear_error(run, tmp_path, content):
    if content:
        (tmp_path / content).write_text("# nothing here\n")

    done = run("audit", tmp_path, status=1)

    assert str(tmp_path) in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_path_that_does_not_exist_is_a_clear_error(run, tmp_path):
    done = run("audit", tmp_path / "nowhere", status=1)

    assert "nowhere" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_five_thousand_files_are_one_report_in_bounded_memory(measured, preset, tmp_path):
    for number in range(5000):
        folder = tmp_path / f"part-{number // 500}"
        folder.mkdir(exist_ok=True)
        (folder / f"app-{number}.yaml").write_text(DEPLOYMENT.format(name=f"app-{number}"))

    status, out, err, peak = measured("audit", tmp_path, "-o", "json", "--show", "all")

    assert status == 0, err
    assert len({result["object"]["name"] for result in json.loads(out)["results"] if result["object"]["kind"] == "Deployment"}) == 5000
    if preset == "release":
        assert peak < 250e6


def test_a_list_of_300_megabytes_gets_a_clear_answer_in_bounded_memory(measured, preset, tmp_path):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "NAME", "namespace": "shop", "annotations": {"padding": "x" * 14000}},
           "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}, "status": {"phase": "Running"}}
    text = json.dumps(pod)
    path = tmp_path / "pods.json"
    with open(path, "w") as out:
        out.write('{"apiVersion":"v1","kind":"PodList","items":[')
        for number in range(300_000_000 // len(text)):
            out.write(("," if number else "") + text.replace("NAME", f"pod-{number}"))
        out.write("]}")

    status, out, err, peak = measured("audit", path)

    assert status == 0 or (status == 1 and "pods.json" in err and len(err.splitlines()) == 1), f"{status}: {err[:500]}"
    if preset == "release":
        assert peak < 250e6, f"{peak / 1e6:.0f} MB"


def test_nothing_in_a_manifest_reaches_the_terminal_unescaped(run, tmp_path):
    (tmp_path / "hostile.json").write_text(json.dumps({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a\u001b[31mred\u0007", "namespace": "b\r\nFAKE LINE"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [
            {"name": "c\u009b2J", "image": "evil\u001b]0;title\u0007:latest", "securityContext": {"privileged": True},
             "env": [{"name": "PASSWORD\u001b[0m", "value": "hunter2hunter2"}]}]}}}}))

    for form in ("table", "wide", "csv", "prometheus"):
        done = run("audit", tmp_path, "-o", form, status=None)
        for text in (done.stdout, done.stderr):
            assert not [character for character in text if (ord(character) < 32 and character not in "\n\t") or 127 <= ord(character) < 160], form
            # A line break inside a quoted field is a part of CSV; elsewhere it would forge a line.
            lines = [row[0] for row in csv.reader(io.StringIO(text)) if row] if form == "csv" else text.splitlines()
            assert not [line for line in lines if line.startswith("FAKE LINE")], form


# Configuration


def test_an_unknown_key_is_named_with_its_position_and_the_nearest_one(run, tmp_path):
    config = tmp_path / "seaworthy.yaml"
    config.write_text("audit:\n  intervall: 5m\nhttp:\n  lisen: ':1'\n")
    (tmp_path / "good.yaml").write_text(DEPLOYMENT.format(name="good"))

    for arguments in (("config", "validate", config), ("audit", "--config", config, tmp_path / "good.yaml"), ("serve", "--config", config)):
        done = run(*arguments, status=2, timeout=20)
        assert "seaworthy.yaml:2:3" in done.stderr and "interval" in done.stderr, done.stderr
        assert "seaworthy.yaml:4:3" in done.stderr and "listen" in done.stderr, "every error at once"


def test_an_unknown_command_flag_or_format_is_wrong_usage(run, tmp_path):
    for arguments in (("adit",), ("audit", "--no-such-flag"), ("audit", "-o", "jsn", str(tmp_path))):
        done = run(*arguments, status=2)
        assert done.stderr.strip() and done.stdout == ""


def test_a_running_daemon_keeps_its_configuration_when_the_new_one_is_wrong(daemon, tmp_path, eventually):
    one = daemon(kubeconfig_for(tmp_path, f"http://127.0.0.1:{free_port()}"), wait="live")
    good = one.config.read_text()
    eventually(lambda: one.metrics()["seaworthy_config_last_reload_successful"] == 1, what="the first configuration")

    one.config.write_text(good + "\nnonsense: true\n")
    one.process.send_signal(signal.SIGHUP)
    eventually(lambda: one.metrics()["seaworthy_config_last_reload_successful"] == 0, what="a refused reload")
    assert one.live()
    assert "nonsense" in one.log.read_text()

    one.config.write_text(good)
    one.process.send_signal(signal.SIGHUP)
    eventually(lambda: one.metrics()["seaworthy_config_last_reload_successful"] == 1, what="the good configuration again")


# Clusters


class FakeServer:
    """Answers everything in one way."""

    def __init__(self, status, body, headers=()):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def one_sentence_about(done, address):
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert done.stdout == ""
    assert len(lines) <= 2 and address in done.stderr, done.stderr


def test_an_unreachable_cluster_is_one_clear_sentence(run, tmp_path):
    address = f"127.0.0.1:{free_port()}"

    done = run("audit", "--kubeconfig", kubeconfig_for(tmp_path, f"https://{address}"), status=1, timeout=60)

    one_sentence_about(done, address)
    assert "refused" in done.stderr


def test_refused_credentials_are_one_clear_sentence(run, tmp_path):
    with FakeServer(401, b'{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","code":401}', [("Content-Type", "application/json")]) as server:
        done = run("audit", "--kubeconfig", kubeconfig_for(tmp_path, f"http://{server.address}"), status=1, timeout=60)

    one_sentence_about(done, server.address)
    assert "401" in done.stderr or "nauthori" in done.stderr or "credentials" in done.stderr


@pytest.mark.parametrize("answer", [
    (200, b"<html><body>It works!</body></html>", [("Content-Type", "text/html")]),
    (200, b"", []),
    (200, b'{"kind": ' + b"[" * 100_000, [("Content-Type", "application/json")]),
    (302, b"", [("Location", "http://127.0.0.1:1/")]),
    (200, b'{"major": 1}', [("Content-Type", "application/json")]),
    (200, b"\x1f\x8b\x08\x00garbage", [("Content-Type", "application/json"), ("Content-Encoding", "gzip")]),
], ids=["a web page", "nothing", "endless nesting", "a redirect", "another program's JSON", "broken compression"])
def test_a_server_that_is_no_api_server_is_a_clear_error(run, tmp_path, answer):
    with FakeServer(*answer) as server:
        done = run("audit", "--kubeconfig", kubeconfig_for(tmp_path, f"http://{server.address}"), status=1, timeout=120)

    one_sentence_about(done, server.address)


def test_a_broken_kubeconfig_is_a_clear_error(run, tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text("clusters: [\n")

    done = run("audit", "--kubeconfig", path, status=1)

    assert str(path) in done.stderr


def test_without_any_cluster_the_next_step_is_named(run, tmp_path):
    done = run("audit", status=1, environment={"HOME": str(tmp_path)})

    assert "kubeconfig" in done.stderr

# SPDX-License-Identifier: Apache-2.0
"""The daemon over hours, in seconds: clusters that go and come back, configurations that change, and the end."""
import json
import re
import signal
import socket
import time
import urllib.error
import urllib.request

from conftest import write_kubeconfig  # tests/integration
from processes import free_port


def published(one):
    return one.report()["metadata"]["uid"]


def test_a_change_of_the_cluster_is_in_the_next_report(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}})
    assert "blog" not in [namespace["name"] for namespace in one.report()["namespaces"]]

    server.tell(put={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blog", "creationTimestamp": "2026-01-01T00:00:00Z"}, "status": {"phase": "Active"}})
    eventually(lambda: "blog" in [namespace["name"] for namespace in one.report()["namespaces"]], what="the new namespace")
    assert [series for series in one.metrics() if series.startswith('seaworthy_namespace_info{namespace="blog"')]

    server.tell(remove=["namespaces", "", "blog"])
    eventually(lambda: "blog" not in [namespace["name"] for namespace in one.report()["namespaces"]], what="the namespace's end")
    assert not [series for series in one.metrics() if 'namespace="blog"' in series]


def test_a_cluster_that_goes_and_comes_back_costs_no_report(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}})
    server.faults({"path": "*", "status": 503, "times": 0})

    eventually(lambda: one.metrics()["seaworthy_audit_last_run_successful"] == 0, what="a failed audit")
    last = published(one)
    failures = sum(value for series, value in one.metrics().items() if series.startswith("seaworthy_audit_failures_total"))
    assert failures >= 1
    assert one.live() and one.ready() and published(one) == last
    status = json.loads(one.get("/api/v1/status")[1])
    assert "503" in json.dumps(status) or "unavailable" in json.dumps(status), status

    server.faults()
    eventually(lambda: one.metrics()["seaworthy_audit_last_run_successful"] == 1, what="a good audit again")
    assert published(one) != last


def test_an_unreachable_cluster_at_the_start_is_tried_until_it_is_there(replay, daemon, tmp_path, eventually):
    address = f"http://127.0.0.1:{free_port()}"
    one = daemon(write_kubeconfig(tmp_path / "nowhere", address), {"audit": {"interval": "2s", "jitter": 0}}, wait="live")

    eventually(lambda: one.metrics().get('seaworthy_audit_failures_total{reason="api_unreachable"}', 0) >= 2, what="several tries")
    assert one.live() and not one.ready()
    assert one.get("/api/v1/report")[0] == 503
    assert address.split("//")[1] in one.log.read_text()

    replay("--listen", address.split("//")[1])
    eventually(one.ready, what="the first report")


def test_a_list_that_fails_for_a_while_does_not_replace_the_whole_report(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "2s", "jitter": 0, "timeout": "1500ms"}})
    assert one.report()["metadata"]["complete"] is True
    server.faults({"path": "/api/v1/pods", "status": 503, "times": 0})

    eventually(lambda: one.metrics()["seaworthy_audit_last_run_successful"] == 0, what="an audit with a hole")
    assert one.report()["metadata"]["complete"] is True, "held back"
    eventually(lambda: one.report()["metadata"]["complete"] is False, 60, "the hole, after three intervals")
    assert [gap for gap in one.report()["gaps"] if gap["resource"] == "pods"]
    assert one.metrics()['seaworthy_audit_resource_accessible{resource="pods"}'] == 0


def test_what_is_forbidden_is_published_at_once(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}})

    server.tell(deny=[{"verb": "list", "resource": "networkpolicies.networking.k8s.io"}])
    began = time.monotonic()
    eventually(lambda: [gap for gap in one.report()["gaps"] if gap["reason"] == "forbidden"], what="the gap")
    assert time.monotonic() - began < 20
    assert one.metrics()['seaworthy_audit_resource_accessible{resource="networkpolicies.networking.k8s.io"}'] == 0


def test_a_changed_configuration_file_takes_effect_without_a_signal(replay, daemon, eventually):
    _, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1h"}})
    assert one.metrics()["seaworthy_audit_interval_seconds"] == 3600
    before, text = published(one), one.config.read_text()
    check = one.report()["results"][0]["check"]

    one.config.write_text(text.replace("1h", "30m") + f"controls: {{checks: {{{check}: {{enabled: false}}}}}}\n")
    eventually(lambda: published(one) != before, what="an audit by the new configuration")
    assert one.metrics()["seaworthy_audit_interval_seconds"] == 1800
    assert check not in {result["check"] for result in one.report()["results"]}

    one.config.write_text("audit: [\n")
    eventually(lambda: one.metrics()["seaworthy_config_last_reload_successful"] == 0, what="a refused file")
    assert one.metrics()["seaworthy_audit_interval_seconds"] == 1800
    one.config.write_text(text)
    eventually(lambda: one.metrics()["seaworthy_config_last_reload_successful"] == 1, what="a good file again")


def test_an_audit_can_be_asked_for_on_loopback_but_not_without_end(replay, daemon, eventually):
    _, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1h"}})
    before = published(one)

    def post():
        request = urllib.request.Request(f"http://127.0.0.1:{one.main}/api/v1/audit", data=b"", method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert post() in (200, 202)
    eventually(lambda: published(one) != before, what="the report that was asked for")
    assert post() in (409, 429)


def test_the_end_is_quick_and_in_order_even_in_the_middle_of_an_audit(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}})
    server.faults({"path": "/api/v1/pods", "delayMs": 600_000, "times": 0})
    server.requests()
    eventually(lambda: [request for request in server.requests() if request["target"].startswith("/api/v1/pods")], what="an audit under way")

    began = time.monotonic()
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(10) == 0
    assert time.monotonic() - began < 2


def test_every_line_of_the_log_is_a_json_object(replay, daemon, eventually):
    server, kubeconfig = replay()
    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}, "log": {"level": "debug"}})
    server.tell(put={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "evil", "annotations": {"a": "b\n{\"level\":\"error\"}"}}})
    server.faults({"path": "/api/v1/pods", "status": 403, "times": 1, "body": "{\"kind\":\"Status\",\"message\":\"a\\nb\\u001b[31m\"}"})
    first = published(one)
    eventually(lambda: published(one) != first, what="another audit")

    for line in one.log.read_text().splitlines():
        entry = json.loads(line)
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry["time"]) and entry["level"] in ("debug", "info", "warn", "error") and entry["message"]
    assert sum(value for series, value in one.metrics().items() if series.startswith("seaworthy_log_messages_total")) > 0


def test_a_port_that_is_taken_is_said_so(replay, daemon, run):
    _, kubeconfig = replay()
    one = daemon(kubeconfig)

    done = run("serve", "--kubeconfig", kubeconfig, "--listen", f"127.0.0.1:{one.main}", "--probe-listen", "127.0.0.1:0", status=2, timeout=30)

    assert str(one.main) in done.stderr


def test_requests_to_the_api_server_are_counted(replay, daemon):
    _, kubeconfig = replay()
    metrics = daemon(kubeconfig).metrics()

    assert metrics['seaworthy_kube_requests_total{verb="list",code="200"}'] > 10
    assert metrics['seaworthy_audit_objects{resource="pods"}'] == 3
    assert metrics['seaworthy_audit_runs_total{trigger="startup"}'] == 1
    assert metrics["seaworthy_leader"] == 1


def test_even_a_refusal_has_the_security_headers(replay, daemon):
    one = daemon(replay()[1])
    for port in (one.main, one.probe):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nBroken\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b"")).decode()
        assert answer.startswith("HTTP/1.1 400 "), answer
        assert "content-security-policy: default-src 'none'" in answer.lower(), answer
        assert "x-content-type-options: nosniff" in answer.lower(), answer


def test_a_name_that_resolves_to_the_daemon_reads_no_findings(replay, daemon):
    one = daemon(replay()[1], {"http": {"allowedHosts": ["posture.example.com"]}})

    def ask(host, path, port=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port or one.main}{path}", headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    for path in ("/", "/findings", "/api/v1/report", "/api/v1/findings?format=csv"):
        code, text = ask("rebound.example", path)
        assert code == 421 and json.loads(text)["title"] == "Misdirected Request" and "rebound.example" in text, path
        assert ask("posture.example.com", path)[0] == ask(f"localhost:{one.main}", path)[0] == ask(f"[::1]:{one.main}", path)[0] == 200
    assert ask("seaworthy.monitoring.svc", "/metrics")[0] == 200
    for path in ("/livez", "/readyz", "/startupz"):
        assert ask("rebound.example", path, one.probe)[0] == 200, path

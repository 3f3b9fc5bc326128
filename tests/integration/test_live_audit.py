# SPDX-License-Identifier: Apache-2.0
"""Audits of a cluster through its API, when all is well and when the API server has a bad day."""
import json
import signal
import subprocess

import pytest
from processes import clean_environment


@pytest.fixture
def audit(run):
    """audit(kubeconfig, *arguments): the report."""

    def call(kubeconfig, *arguments, **options):
        return json.loads(run("audit", "--kubeconfig", kubeconfig, "-o", "json", *arguments, **options).stdout)

    return call


def names(report):
    return {result["object"]["name"] for result in report["results"] if result["object"]["kind"] == "Deployment"}


def gaps_of(report, resource):
    return [gap for gap in report["gaps"] if gap["resource"] == resource]


def test_a_cluster_is_read_and_judged(replay, audit):
    server, kubeconfig = replay()

    report = audit(kubeconfig)

    assert names(report) == {"app-0", "app-1", "app-2"}
    assert report["cluster"]["version"] == "v1.36.3" and report["cluster"]["name"] == "replayed"
    assert not report["gaps"] and report["metadata"]["complete"] is True
    requests = server.requests()
    assert {request["method"] for request in requests} <= {"GET", "POST"}
    assert all(request["userAgent"].startswith("seaworthy/") for request in requests)
    assert not [request for request in requests if "/secrets" in request["target"] or "/configmaps" in request["target"]], "nobody granted those"


def test_pages_make_the_same_report_as_one_list(replay, audit):
    server, kubeconfig = replay(workloads=25)

    whole = audit(kubeconfig)
    server.requests()
    paged = audit(kubeconfig, "--chunk-size", "10")

    assert [request for request in server.requests() if "continue=" in request["target"]]
    assert paged["results"] == whole["results"]


BAD_DAYS = {
    "410 with a new token": {"path": "/api/v1/pods", "query": "continue=", "status": 410, "newToken": True},
    "410 without one": {"path": "/api/v1/pods", "query": "continue=", "status": 410},
    "429 with Retry-After": {"path": "/api/v1/pods", "status": 429, "retryAfterSeconds": 1},
    "500": {"path": "/api/v1/pods", "status": 500},
    "503 twice": {"path": "/api/v1/pods", "status": 503, "times": 2},
    "a truncated body": {"path": "/api/v1/pods", "cutAfter": 300},
    "a reset": {"path": "/api/v1/pods", "cutAfter": 300, "reset": True},
    "garbage once": {"path": "/api/v1/pods", "body": "{\"kind\": \"PodList\", \"items\": [{]"},
}


@pytest.mark.parametrize("fault", BAD_DAYS.values(), ids=BAD_DAYS.keys())
def test_what_passes_is_tried_again_and_leaves_no_trace(replay, audit, fault):
    server, kubeconfig = replay(workloads=25)
    expected = audit(kubeconfig, "--chunk-size", "10")
    server.faults(fault)

    report = audit(kubeconfig, "--chunk-size", "10")

    if "garbage" in json.dumps(fault) or fault.get("body"):
        assert not gaps_of(report, "pods") or gaps_of(report, "pods")[0]["reason"] == "malformed"
    else:
        assert report["results"] == expected["results"]
        assert report["gaps"] == expected["gaps"]


LASTING = {
    "forbidden": ({"path": "/api/v1/pods", "status": 403, "times": 0}, {"forbidden"}),
    "500 for good": ({"path": "/api/v1/pods", "status": 500, "times": 0}, {"unavailable"}),
    "a body that always breaks off": ({"path": "/api/v1/pods", "cutAfter": 300, "times": 0}, {"unavailable", "truncated"}),
    "a server that hangs": ({"path": "/api/v1/pods", "delayMs": 600_000, "times": 0}, {"timeout"}),
}


@pytest.mark.parametrize("fault, reasons", LASTING.values(), ids=LASTING.keys())
def test_what_lasts_is_a_gap_and_its_checks_are_unknown(replay, audit, tmp_path, fault, reasons):
    server, kubeconfig = replay()
    config = tmp_path / "seaworthy.yaml"
    config.write_text("audit: {timeout: 12s}\n")
    before = audit(kubeconfig, "--config", config)
    server.faults(fault)

    report = audit(kubeconfig, "--config", config, "--request-timeout", "2s", timeout=90)

    gaps = gaps_of(report, "pods")
    assert gaps and gaps[0]["reason"] in reasons, report["gaps"]
    assert report["metadata"]["complete"] is False
    assert report["counts"]["unknown"] > before["counts"]["unknown"]
    assert report["score"] <= before["score"]
    known = {(result["check"], result["object"]["name"]): result["status"] for result in before["results"]}
    for result in report["results"]:
        if result["status"] == "pass":
            assert known.get((result["check"], result["object"]["name"])) == "pass", result


def test_a_malformed_object_is_a_named_gap_and_the_rest_is_judged(replay, audit):
    server, kubeconfig = replay()
    server.tell(put={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "odd", "namespace": "shop"}, "spec": "not a map", "status": {}})

    report = audit(kubeconfig)

    assert [gap for gap in gaps_of(report, "pods") if "odd" in gap["message"] and gap["reason"] == "malformed"], report["gaps"]
    assert names(report) == {"app-0", "app-1", "app-2"}


def test_a_wrong_token_is_one_sentence(replay, run):
    server, kubeconfig = replay("--token", "the-right-one")

    done = run("audit", "--kubeconfig", kubeconfig, status=1)

    assert done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert server.url.split("//")[1] in done.stderr
    assert "the-right-one" not in done.stderr


def test_the_old_discovery_serves_as_well(replay, audit):
    _, kubeconfig = replay()
    _, old = replay("--legacy")

    assert names(audit(old)) == names(audit(kubeconfig))


def test_a_capture_is_judged_like_the_cluster(replay, run, audit, tmp_path):
    _, kubeconfig = replay(workloads=7)
    live = audit(kubeconfig)

    run("capture", "--kubeconfig", kubeconfig, "-d", tmp_path / "captured")
    again = json.loads(run("audit", tmp_path / "captured", "-o", "json").stdout)

    assert len(live["results"]) == len(again["results"])
    assert [(row["check"], row["object"]["name"], row["status"]) for row in live["results"]] == [(row["check"], row["object"]["name"], row["status"]) for row in again["results"]]
    assert live["score"] == again["score"]


def test_an_interrupted_audit_ends_at_once(replay, binary, tmp_path, eventually):
    server, kubeconfig = replay()
    server.faults({"path": "/api/v1/pods", "delayMs": 600_000, "times": 0})
    process = subprocess.Popen([str(binary), "audit", "--kubeconfig", str(kubeconfig)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
    try:
        eventually(lambda: [request for request in server.requests() if request["target"].startswith("/api/v1/pods")], what="the list of pods under way")
        process.send_signal(signal.SIGINT)
        assert process.wait(5) != 0
        assert process.stdout.read() == b""
    finally:
        process.kill()
        process.communicate()

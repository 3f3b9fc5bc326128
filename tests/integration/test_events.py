# SPDX-License-Identifier: Apache-2.0
"""From a change in the cluster to a line in a file and a request at a receiver, and what a crash does to it."""
import json

from conftest import workload
from processes import Daemon, free_port
from receiver import Receiver

AUDITS = {"audit": {"interval": "1s", "minAge": "0s", "jitter": 0}}


def events_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def codes(path):
    return [event["metadata"]["event_code"] for event in events_of(path)]


def names(event):
    return [resource["name"] for resource in event["resources"]]


def with_file(folder, **events):
    return {**AUDITS, "events": {"baseline": "emit", "settle": "0s", **events}, "spool": {"path": str(folder / "state.db"), "maxBytes": "16MiB"},
            "sinks": [{"name": "file", "type": "file", "path": str(folder / "events.jsonl"), "batch": {"linger": "0s"}}]}


def test_what_changes_in_the_cluster_becomes_one_line_each(replay, daemon, tmp_path, eventually):
    server, kubeconfig = replay()
    lines = tmp_path / "events.jsonl"
    daemon(kubeconfig, with_file(tmp_path, resolveAfter=1))
    eventually(lambda: "audit_completed" in codes(lines), what="the first audit's summary")
    assert codes(lines)[0] == "daemon_started"
    first = {event["finding_info"]["uid"] for event in events_of(lines) if event["metadata"]["event_code"] == "finding_opened"}
    assert first, "the first audit's findings, as baseline: emit asks for"

    for item in workload("store"):
        server.tell(put=item)
    opened = eventually(lambda: [event for event in events_of(lines) if event["metadata"]["event_code"] == "finding_opened" and "store" in names(event)],
                        what="findings about the new workload")
    assert not first & {event["finding_info"]["uid"] for event in opened}

    for resource, name in (("deployments.apps", "store"), ("replicasets.apps", "store-1"), ("pods", "store-1-x")):
        server.tell(remove=[resource, "shop", name])
    gone = {event["finding_info"]["uid"] for event in opened}
    eventually(lambda: gone <= {event["finding_info"]["uid"] for event in events_of(lines) if event["metadata"]["event_code"] in ("finding_deleted", "finding_resolved")},
               what="the end of those findings")
    uids = [event["metadata"]["uid"] for event in events_of(lines)]
    assert len(uids) == len(set(uids)), "an event's uid is its own"


def test_a_crash_repeats_no_transition_and_loses_none(replay, daemon, binary, tmp_path, eventually):
    _, kubeconfig = replay()
    lines = tmp_path / "events.jsonl"
    crashing = Daemon(binary, tmp_path, kubeconfig, with_file(tmp_path))
    try:
        eventually(lambda: "audit_completed" in codes(lines), what="the first audit's summary")
    finally:
        crashing.process.kill()
        crashing.process.wait()
    before = [event["metadata"]["uid"] for event in events_of(lines) if event["metadata"]["event_code"] == "finding_opened"]

    daemon(kubeconfig, with_file(tmp_path))
    eventually(lambda: codes(lines)[-1] == "audit_completed" and codes(lines).count("daemon_started") == 2, what="an audit after the crash")
    after = [event["metadata"]["uid"] for event in events_of(lines) if event["metadata"]["event_code"] == "finding_opened"]
    assert before and set(after) == set(before), "nothing has changed in the cluster"


def test_an_outage_of_the_receiver_only_delays(replay, daemon, run, tmp_path, eventually):
    _, kubeconfig = replay()
    config = with_file(tmp_path)
    port = free_port()
    config["sinks"].append({"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{port}/", "allowPlaintext": True, "batch": {"linger": "0s"},
                            "retry": {"base": "100ms", "cap": "1s"}})
    one = daemon(kubeconfig, config)
    eventually(lambda: "audit_completed" in codes(tmp_path / "events.jsonl"), what="events in the file")
    eventually(lambda: one.metrics().get('seaworthy_sink_up{sink="hook"}') == 0, what="a sink that is down")

    path = tmp_path / "seaworthy.yaml"
    path.write_text(json.dumps(config))
    listed = json.loads(run("sinks", "list", "--config", path, "-o", "json").stdout)
    assert {sink["name"]: sink["state"] for sink in listed["sinks"]} == {"file": "ok", "hook": "retrying"}

    receiver = Receiver(answer=lambda _: 200, port=port)
    try:
        eventually(lambda: "finding_opened" in b"".join(receiver.taken).decode(), what="what was waiting")
        opened = {event["metadata"]["uid"] for event in events_of(tmp_path / "events.jsonl") if event["metadata"]["event_code"] == "finding_opened"}
        eventually(lambda: all(uid in b"".join(receiver.taken).decode() for uid in opened), what="every event")
        assert run("sinks", "test", "hook", "--config", path).stdout
        eventually(lambda: "sink_test" in b"".join(receiver.taken).decode(), what="the marked event")
    finally:
        receiver.stop()

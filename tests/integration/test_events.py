# SPDX-License-Identifier: Apache-2.0
"""From a change in the cluster to a line in a file and a request at a receiver, and what a crash does to it."""
import datetime
import json
import sqlite3
import threading

import pytest
from conftest import workload
from ocsf_schema import faults
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
    assert not [(event["metadata"]["event_code"], faults(event)) for event in events_of(lines) if faults(event)]


def test_findings_of_a_namespace_that_is_newly_excluded_are_out_of_scope_and_not_deleted(replay, daemon, tmp_path, eventually):
    server, kubeconfig = replay()
    lines = tmp_path / "events.jsonl"
    for item in workload("store"):
        server.tell(put=item)
    first = daemon(kubeconfig, with_file(tmp_path, resolveAfter=1))
    eventually(lambda: "audit_completed" in codes(lines), what="the first audit's summary")
    assert first.stop() == 0
    opened = {event["finding_info"]["uid"] for event in events_of(lines)
              if event["metadata"]["event_code"] == "finding_opened" and event["resources"][0].get("namespace") == "shop"}
    assert opened

    daemon(kubeconfig, {**with_file(tmp_path, resolveAfter=1), "namespaces": {"exclude": ["shop"]}})
    resolved = eventually(lambda: [event for event in events_of(lines) if event["metadata"]["event_code"] == "finding_resolved"], what="their end")
    assert {event["finding_info"]["uid"] for event in resolved} == opened, "and of no others"
    assert {event["status_code"] for event in resolved} == {"out_of_scope"}
    assert not [fault for event in resolved for fault in faults(event)]


def test_an_object_that_has_just_been_made_is_given_time_to_settle(replay, daemon, tmp_path, eventually):
    server, kubeconfig = replay()
    lines = tmp_path / "events.jsonl"
    daemon(kubeconfig, with_file(tmp_path, settle="1h", labels=["team"]))
    eventually(lambda: "audit_completed" in codes(lines), what="the first audit's summary")

    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for item in workload("fresh"):
        item["metadata"]["creationTimestamp"] = now
        server.tell(put=item)
    for item in workload("grown"):
        item["metadata"].setdefault("labels", {})["team"] = "blue"
        server.tell(put=item)
    opened = eventually(lambda: [event for event in events_of(lines) if event["metadata"]["event_code"] == "finding_opened" and "grown" in names(event)],
                        what="findings about the older workload")
    assert not [event for event in events_of(lines) if "resources" in event and "fresh" in names(event)]
    assert {tuple(event["resources"][0].get("labels", ())) for event in opened} == {("team:blue",)}


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


def test_siem_row_7_after_a_damaged_database_every_open_finding_is_told_again(replay, daemon, tmp_path, eventually):
    server, kubeconfig = replay()
    lines = tmp_path / "events.jsonl"
    for item in workload("store"):
        server.tell(put=item)
    first = daemon(kubeconfig, with_file(tmp_path, baseline="silent"))
    eventually(lambda: len(codes(lines)) > 0 and first.metrics().get('seaworthy_sink_queue_length{sink="file"}') == 0, what="a first audit")
    eventually(lambda: "audit_completed" in codes(lines), what="a second audit")
    assert first.stop() == 0
    with open(tmp_path / "state.db", "r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 40 * 4096)
    told_before = len(codes(lines))

    second = daemon(kubeconfig, with_file(tmp_path, baseline="silent"))
    eventually(lambda: "finding_snapshot" in codes(lines), what="open findings, again")
    after = codes(lines)[told_before:]
    assert after[:2] == ["daemon_started", "spool_recovered"]
    snapshots = [event["finding_info"]["uid"] for event in events_of(lines) if event["metadata"]["event_code"] == "finding_snapshot"]
    failing = {result["fingerprint"] for result in second.report()["results"] if result["status"] in ("fail", "warn")}
    assert set(snapshots) == failing and len(snapshots) == len(failing)
    assert second.stop() == 0
    assert list(tmp_path.glob("state.db.corrupt-*"))

    third = daemon(kubeconfig, with_file(tmp_path, baseline="silent"))
    eventually(lambda: codes(lines).count("daemon_started") == 3 and third.live(), what="a third start")
    assert codes(lines).count("spool_recovered") == 1


def hook(port, **more):
    return {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{port}/", "allowPlaintext": True, "batch": {"linger": "0s", "maxEvents": 1},
            "retry": {"base": "100ms", "cap": "1s"}, **more}


def test_siem_row_6_a_new_file_whose_name_could_not_be_synced_holds_nothing_yet(replay, daemon, binary, preset, tmp_path, eventually):
    if preset != "release":
        pytest.skip(f"a program of {preset} is preloaded by its own runtime")
    _, kubeconfig = replay()
    folder, flag = tmp_path / "out", tmp_path / "broken"
    folder.mkdir()
    flag.touch()
    config = with_file(tmp_path)
    config["sinks"][0] |= {"path": str(folder / "events.jsonl"), "retry": {"base": "100ms", "cap": "1s"}}
    running = daemon(kubeconfig, config, environment={"LD_PRELOAD": str(binary.parent / "tests" / "libfailing_disk.so"), "FAILING_DISK": str(flag),
                                                      "FAILING_PATH": str(folder)})
    eventually(lambda: sum(value for name, value in running.metrics().items() if name.startswith("seaworthy_sink_event_failures_total{")) > 1,
               what="tries that failed")
    assert not events_of(folder / "events.jsonl")
    flag.unlink()
    eventually(lambda: "audit_completed" in codes(folder / "events.jsonl"), what="all of it, once the name is on disk")
    assert codes(folder / "events.jsonl")[0] == "daemon_started"
    assert running.stop() == 0


def test_siem_row_33_a_daemon_that_ends_under_load_loses_nothing_and_says_its_last_word(replay, daemon, tmp_path, eventually):
    server, kubeconfig = replay()
    for name in ("store", "till", "stock", "crates"):
        for item in workload(name):
            server.tell(put=item)
    port = free_port()
    unloaded = threading.Event()
    receiver = Receiver(answer=lambda _: (unloaded.wait(0.05), 200)[1], port=port)
    config = with_file(tmp_path, shutdownFlush="1s")
    config["sinks"].append(hook(port))
    config["log"] = {"level": "debug"}
    try:
        first = daemon(kubeconfig, config)
        eventually(lambda: "audit_completed" in codes(tmp_path / "events.jsonl"), what="events in the file")
        eventually(lambda: receiver.taken, what="a first request")
        waiting = first.metrics()['seaworthy_sink_queue_length{sink="hook"}']
        assert waiting > 20, "the load under which it ends"
        assert first.stop() == 0
        said = [json.loads(line) for line in first.log.read_text().splitlines()]
        assert any(line["message"] == "events wait for the next start" for line in said[-6:]), said[-6:]

        unloaded.set()
        second = daemon(kubeconfig, config)
        eventually(lambda: second.metrics().get('seaworthy_sink_queue_length{sink="hook"}') == 0, what="an empty queue")
    finally:
        receiver.stop()
    bodies = {}
    for body in receiver.taken:
        event = json.loads(body)["data"]
        assert bodies.setdefault(event["metadata"]["uid"], event) == event, "what is sent twice is the same"
    assert {event["metadata"]["uid"] for event in events_of(tmp_path / "events.jsonl") if event["metadata"]["event_code"] != "audit_completed"} <= set(bodies)


def test_events_that_are_too_old_are_given_up_reported_and_counted_by_that_reason(replay, daemon, tmp_path, eventually):
    _, kubeconfig = replay()
    config = with_file(tmp_path, shutdownFlush="1s")
    config["sinks"].append(hook(free_port()))  # nobody listens
    first = daemon(kubeconfig, config)
    eventually(lambda: "audit_completed" in codes(tmp_path / "events.jsonl"), what="events in the file")
    assert first.stop() == 0
    with sqlite3.connect(tmp_path / "state.db") as database:
        old = database.execute("UPDATE event SET created = 1000").rowcount
    database.close()
    assert old > 3

    second = daemon(kubeconfig, config)
    lost = eventually(lambda: [event for event in events_of(tmp_path / "events.jsonl") if event["metadata"]["event_code"] == "events_dropped"],
                      what="a report of the loss")
    assert lost[0]["count"] == old and lost[0]["status_code"] == "expired"
    assert second.metrics()['seaworthy_sink_events_dropped_total{sink="hook",reason="expired"}'] == old
    eventually(lambda: "finding_snapshot" in codes(tmp_path / "events.jsonl"), what="open findings, again")

# SPDX-License-Identifier: Apache-2.0
"""The daemon and receivers that refuse, hang or come to their senses; `seaworthy sinks` beside it. The rows are those of docs/siem.md."""
import json
import os
import random
import re
import shlex
import socket
import time

import pytest
from conftest import workload
from processes import Daemon
from receiver import Receiver
from state_process import can_mount

FAST = {"base": "100ms", "cap": "1s"}


def config_of(folder, port, **sink):
    return {"audit": {"interval": "1s", "minAge": "0s", "jitter": 0}, "events": {"baseline": "emit", "settle": "0s", "shutdownFlush": "2s"},
            "spool": {"path": str(folder / "state.db"), "maxBytes": "16MiB"},
            "sinks": [{"name": "file", "type": "file", "path": str(folder / "events.jsonl"), "batch": {"linger": "0s"}},
                      {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{port}/", "allowPlaintext": True, "batch": {"linger": "0s"},
                       "retry": FAST, **sink}]}


def events_of(folder):
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def about_sinks(folder):
    return [event["metadata"]["event_code"] for event in events_of(folder) if event["metadata"]["event_code"].startswith("sink_")]


def uids_of(folder):
    return [event["metadata"]["uid"] for event in events_of(folder)]


@pytest.fixture
def sinks(run, tmp_path):
    """sinks("list"): what `seaworthy sinks` tells of the daemon in this folder, as JSON."""
    def ask(*arguments, **options):
        done = run("sinks", *arguments, "--config", tmp_path / "seaworthy.yaml", "-o", "json", **options)
        return json.loads(done.stdout) if done.stdout else done.stderr

    return ask


@pytest.mark.parametrize("status", [401, 403, 404])
def test_row_12_a_refused_token_pauses_once_and_a_new_one_is_used_without_a_restart(status, replay, daemon, sinks, tmp_path, eventually):
    token = tmp_path / "token"
    token.write_text("old")
    with Receiver(answer=lambda request: 200 if request.headers["Authorization"] == "Bearer new" else status) as receiver:
        server, kubeconfig = replay()
        one = daemon(kubeconfig, config_of(tmp_path, receiver.port, tokenFile=str(token)))
        eventually(lambda: "sink_paused" in about_sinks(tmp_path), what="a pause that is told")
        state = {sink["name"]: sink["state"] for sink in sinks("list")["sinks"]}
        assert state == {"file": "ok", "hook": "paused" if status == 404 else "auth_failed"}
        assert one.metrics()['seaworthy_sink_up{sink="hook"}'] == 0
        for item in workload("store"):
            server.tell(put=item)
        tries = len(receiver.requests)
        eventually(lambda: len(receiver.requests) >= tries + 3, what="more tries")
        assert not receiver.taken

        token.write_text("new")
        eventually(lambda: "sink_recovered" in about_sinks(tmp_path), what="a recovery that is told")
        told = set(uids_of(tmp_path))
        eventually(lambda: told <= set(receiver.uids()), what="every event")

    assert about_sinks(tmp_path) == ["sink_paused", "sink_recovered"]
    assert len(receiver.uids()) == len(set(receiver.uids()))


def test_row_31_receivers_that_never_answer_hold_up_neither_audits_nor_the_end(replay, daemon, tmp_path, eventually):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections are made, and never answered
        port = silent.getsockname()[1]
        config = config_of(tmp_path, port, timeout="60s")
        config["sinks"].append({"name": "tls", "type": "syslog", "address": f"127.0.0.1:{port}", "timeout": "60s"})
        _, kubeconfig = replay()
        one = daemon(kubeconfig, config)
        heartbeats = lambda: [event for event in events_of(tmp_path) if event["metadata"]["event_code"] == "audit_completed"]  # noqa: E731
        eventually(lambda: len(heartbeats()) >= 3, what="audits that go on")

        began = time.monotonic()
        assert one.stop() == 0
        assert time.monotonic() - began <= 3.0, "shutdownFlush is 2 s"

    assert events_of(tmp_path)[-1]["metadata"]["event_code"] == "daemon_stopping", "the other sink has everything"


@pytest.fixture
def without_name_servers(binary, tmp_path):
    """A program that runs ours where the only name server takes questions and never answers."""
    if not can_mount():
        pytest.skip("NOT TESTED: mounting is not permitted here, neither as root nor in a user namespace (unshare --mount)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        address = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        try:
            silent.bind((address, 53))
        except PermissionError:
            pytest.skip("NOT TESTED: port 53 is not permitted here")
        (tmp_path / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:30\n")
        user = "" if os.geteuid() == 0 else "--user --map-root-user"
        program = tmp_path / "seaworthy"
        inside = f"mount --bind {shlex.quote(str(tmp_path / 'resolv.conf'))} /etc/resolv.conf\nexec {shlex.quote(str(binary))} \"$@\""
        program.write_text(f"#!/bin/sh\nexec unshare {user} --mount sh -ec {shlex.quote(inside)} seaworthy \"$@\"\n")
        program.chmod(0o755)
        yield program


@pytest.mark.parametrize("sink", [{"type": "webhook", "url": "https://soar.example/"}, {"type": "syslog", "address": "siem.example:6514"},
                                  {"type": "kafka", "brokers": ["kafka.example:9093"], "topic": "t"}], ids=lambda sink: sink["type"])
def test_row_31_name_servers_that_never_answer_do_not_hold_up_the_end(sink, replay, without_name_servers, tmp_path, eventually):
    config = config_of(tmp_path, 1)
    config["sinks"][1] = {"name": "away", "timeout": "60s", "batch": {"linger": "0s"}, **sink}
    _, kubeconfig = replay()
    one = Daemon(without_name_servers, tmp_path, kubeconfig, config)
    try:
        eventually(lambda: one.process.poll() is not None or one.metrics()['seaworthy_sink_queue_length{sink="away"}'] > 0, what="events that wait")
        if "cannot send to Kafka" in one.log.read_text():
            pytest.skip("NOT TESTED: a build without Kafka")
        began = time.monotonic()
        assert one.stop() == 0
        assert time.monotonic() - began <= 3.0, "shutdownFlush is 2 s"
    finally:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_parked_events_are_listed_tried_again_and_dropped(replay, daemon, run, sinks, tmp_path, eventually):
    refused = {"netpol"}

    def answer(request):
        return 400 if any(word.encode() in request.body for word in refused) else 200

    with Receiver(answer=answer) as receiver:
        _, kubeconfig = replay()
        one = daemon(kubeconfig, config_of(tmp_path, receiver.port, poisonAttempts=1, batch={"linger": "0s", "maxEvents": 1},
                                           filter={"classes": ["finding", "summary"]}))
        expected = eventually(lambda: {event["metadata"]["uid"] for event in events_of(tmp_path) if "netpol" in json.dumps(event)}, what="events to refuse")
        assert sinks("parked", "list", "file") == {"parked": []}
        listed = eventually(lambda: {row["uid"]: row for row in sinks("parked", "list", "hook")["parked"]} or None, what="parked events")
        eventually(lambda: {row["uid"] for row in sinks("parked", "list", "hook")["parked"]} == expected, what="all of them")
        row = next(iter(listed.values()))
        assert row["status"] == 400 and row["reason"] == "http_400" and row["check"].startswith("netpol") and row["code"] == "finding_opened"
        table = run("sinks", "parked", "list", "hook", "--config", tmp_path / "seaworthy.yaml").stdout
        assert re.search(rf"{row['uid']} .*http_400", table)
        assert one.metrics()['seaworthy_sink_parked{sink="hook"}'] == len(expected)

        assert sinks("parked", "retry", "hook")["count"] == len(expected)
        eventually(lambda: len(sinks("parked", "list", "hook")["parked"]) == len(expected), what="the same, still refused")
        refused.clear()
        assert sinks("parked", "retry", "hook")["count"] == len(expected)
        eventually(lambda: expected <= set(receiver.uids()), what="those events, now that they are taken")
        eventually(lambda: not sinks("parked", "list", "hook")["parked"], what="nothing parked")

        assert sinks("parked", "drop", "hook", "--yes")["count"] == 0
        assert "nothing is parked" in run("sinks", "parked", "list", "hook", "--config", tmp_path / "seaworthy.yaml").stdout


def test_dropped_events_are_gone_and_counted(replay, daemon, run, sinks, tmp_path, eventually):
    with Receiver(answer=lambda request: 400 if b"netpol" in request.body else 200) as receiver:
        _, kubeconfig = replay()
        one = daemon(kubeconfig, config_of(tmp_path, receiver.port, poisonAttempts=1, batch={"linger": "0s", "maxEvents": 1}))
        expected = eventually(lambda: {event["metadata"]["uid"] for event in events_of(tmp_path) if "netpol" in json.dumps(event)}, what="events to refuse")
        eventually(lambda: len(sinks("parked", "list", "hook")["parked"]) == len(expected), what="parked events")

        refused = run("sinks", "parked", "drop", "hook", "--config", tmp_path / "seaworthy.yaml", status=2)
        assert "--yes" in refused.stderr
        assert len(sinks("parked", "list", "hook")["parked"]) == len(expected)
        assert sinks("parked", "drop", "hook", "--yes")["count"] == len(expected)
        assert sinks("parked", "list", "hook")["parked"] == []
        assert one.metrics()['seaworthy_sink_events_dropped_total{sink="hook",reason="discarded"}'] == len(expected)
        assert not expected & set(receiver.uids())


def test_a_sink_that_is_not_configured_and_a_daemon_that_is_not_there_are_told(replay, daemon, run, tmp_path):
    with Receiver(answer=lambda _: 200) as receiver:
        _, kubeconfig = replay()
        one = daemon(kubeconfig, config_of(tmp_path, receiver.port))
        for command in (("test", "other"), ("parked", "list", "other"), ("parked", "retry", "other"), ("parked", "drop", "other", "--yes")):
            assert "other" in run("sinks", *command, "--config", tmp_path / "seaworthy.yaml", status=None).stderr, command
        one.stop()
    gone = run("sinks", "list", "--config", tmp_path / "seaworthy.yaml", status=None)
    assert gone.returncode != 0 and "no daemon answers" in gone.stderr

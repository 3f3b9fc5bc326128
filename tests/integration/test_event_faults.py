# SPDX-License-Identifier: Apache-2.0
"""Numbered rows of docs/siem.md about the journal: crashes, full disks, hostile names, restarts, noise and clocks."""
import json
import pathlib
import random
import unicodedata

import pytest
from event_process import CHECK, START, EventProcess, codes, seen
from ocsf_schema import faults
from state_process import MIB, can_mount


@pytest.fixture
def driver(binary):
    return binary.parent / "tests" / "event_driver"


def finding_events(events):
    return [event for event in events if event["class_uid"] == 2003 and event["metadata"]["event_code"] != "finding_storm"]


def check_states_and_events_agree(process):
    """Of each finding there are exactly as many events as its row counts, in their order."""
    told = {}
    for event in finding_events(process.told()):
        told.setdefault(event["finding_info"]["uid"], []).append(event["unmapped"]["revision"])
    revisions = {uid: revision for uid, (_, _, revision) in process.findings().items() if revision}
    assert {uid: list(range(1, revision + 1)) for uid, revision in revisions.items()} == told


@pytest.mark.parametrize("seed", range(8))
def test_siem_row_4_kill_9_during_audits_leaves_a_state_and_its_event_or_neither(driver, tmp_path, seed):
    dice = random.Random(seed)
    at, heard = START, 0
    for life in range(3):
        process = EventProcess(driver, tmp_path / "spool.db", 64 * MIB)
        assert process.opened == {"quarantined": ""}, process.opened
        # Nothing rolls up, so that each transition is an event.
        assert process.ask(settings={"settle": 0, "resolve_after": 1, "storm_per_check": 1_000_000, "flap_transitions": 100}) == {"ok": True}
        if life:
            check_states_and_events_agree(process)
        process.send(churn=[dice.getrandbits(31), 40, at])
        for _ in range(dice.randrange(1, 12)):
            at = json.loads(process.process.stdout.readline())["at"] + 300
            heard += 1
        for line in process.kill():
            at = line["at"] + 300
    last = EventProcess(driver, tmp_path / "spool.db", 64 * MIB)
    check_states_and_events_agree(last)
    sequences = [event["metadata"]["sequence"] for event in last.told()]
    assert sequences == sorted(set(sequences)) and len(sequences) > heard * 10
    assert last.stop() == 0


def test_siem_row_5_on_a_full_disk_the_newest_events_stay_and_each_loss_is_reported(driver, tmp_path):
    if not can_mount():
        pytest.skip("NOT TESTED: mounting is not permitted here, neither as root nor in a user namespace (unshare --mount)")
    volume = tmp_path / "volume"
    volume.mkdir()
    process = EventProcess(driver, volume / "spool.db", 6 * MIB, inside=f"mount -t tmpfs -o size=18m tmpfs {volume}")
    assert process.opened == {"quarantined": ""}, process.opened
    inside = pathlib.Path(f"/proc/{process.process.pid}/root{volume}")
    with open(inside / "filler", "wb", buffering=0) as filler, pytest.raises(OSError, match="No space left"):
        while True:
            filler.write(b"x" * 4096)
    sizes = {file.name: file.stat().st_size for file in inside.iterdir()}
    assert process.ask(settings={"settle": 0, "resolve_after": 1, "flap_transitions": 100}) == {"ok": True}
    process.audit()
    reported, last, seen_events = 0, None, set()
    for number in range(120):
        process.audit(*[seen(f"api-{i}", severity=("high", "critical")[number % 2]) for i in range(40)])
        for event in process.told():
            uid = event["metadata"]["uid"]
            if event["metadata"]["event_code"] == "events_dropped" and uid not in seen_events:
                reported += event["count"]
                assert event["status_code"] == "spool_full"
            seen_events.add(uid)
            last = event
    assert last["metadata"]["event_code"] in ("audit_completed", "events_dropped"), "the newest is there"
    process.forget()
    process.audit()  # reports what the last report cost
    reported += sum(event["count"] for event in process.told() if event["metadata"]["event_code"] == "events_dropped")
    assert reported == process.ask(dropped=True)["dropped"] > 1000
    assert {file.name: file.stat().st_size for file in inside.iterdir()} == sizes
    assert process.stop() == 0


@pytest.mark.parametrize("writes", [False, True])
def test_siem_row_6_what_could_not_be_synced_is_not_claimed_and_is_found_again(driver, tmp_path, preset, writes):
    if preset != "release":
        pytest.skip(f"a program of {preset} is preloaded by its own runtime")
    flag = tmp_path / "broken"
    environment = {"LD_PRELOAD": str(driver.parent / "libfailing_disk.so"), "FAILING_DISK": str(flag), **({"FAILING_WRITES": "1"} if writes else {})}
    process = EventProcess(driver, tmp_path / "spool.db", environment=environment)
    assert process.opened == {"quarantined": ""}, process.opened
    settings = {"settle": 0, "resolve_after": 1}
    assert process.ask(settings=settings) == {"ok": True}
    process.audit()
    process.audit(seen("a"))
    before = {event["metadata"]["uid"] for event in process.told()}

    flag.touch()
    for number in range(3):
        with pytest.raises(AssertionError, match="(?i)i/o error"):
            process.audit(seen("a"), seen(f"b-{number}"))
    assert process.ask(health=["sink_paused", "what cannot be written either"]).get("error")
    flag.unlink()
    assert before <= {event["metadata"]["uid"] for event in process.told()}
    check_states_and_events_agree(process)
    recorded = process.audit(seen("a"), seen("c"))
    assert recorded["finding_opened"] == 1, "the next audit finds what was not written"
    assert recorded["spool_failed"] == 1, "and the receivers hear of it"
    told = [event for event in process.told() if event["metadata"]["event_code"] == "spool_failed"]
    assert [(event["count"], event["status_code"], faults(event)) for event in told] == [(4, "io_error", [])]
    assert "spool_failed" not in process.audit(seen("a"), seen("c")), "once"
    check_states_and_events_agree(process)
    assert before <= {event["metadata"]["uid"] for event in process.told()}

    flag.touch()
    with pytest.raises(AssertionError, match="(?i)i/o error"):
        process.audit(seen("a"), seen("c"), seen("d"))
    process.kill()
    flag.unlink()
    again = EventProcess(driver, tmp_path / "spool.db", number=9)
    assert again.opened == {"quarantined": ""}, "nothing was damaged"
    assert again.ask(settings=settings) == {"ok": True}
    again.audit(seen("a"), seen("c"), seen("d"))
    check_states_and_events_agree(again)
    opened = {event["resources"][0]["name"] for event in again.told() if event["metadata"]["event_code"] == "finding_opened"}
    assert {"a", "c", "d"} <= opened
    assert again.stop() == 0


HOSTILE = {
    "quotes": 'a"b\\c',
    "line feeds": "a\nb\r\n{\"metadata\":{}}",
    "escape sequences": "a\x1b[31mb\x9b31m",
    "right to left": "a\u202eb\u2066c\u2028d\u2029",
    "NUL": "hex:6100620063",
    "invalid UTF-8": "hex:61ff62c3f0288cbc",
    "long": "n" * 253,
    "64 kB": "annotation " * 6000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_siem_row_27_hostile_names_stay_text_in_small_valid_records(driver, tmp_path, what):
    text = HOSTILE[what]
    process = EventProcess(driver, tmp_path / "spool.db", 8 * MIB)
    assert process.ask(settings={"settle": 0, "labels": ["*"]}) == {"ok": True}
    process.audit()
    process.audit(seen(text, ns=text, message=text, uid=text, remediation=text, kind=text, api_version=text,
                       evidence={"names": [text] * 9, "text": text}, labels=[{"key": text, "value": text}]))
    assert process.ask(health=["config_refused", text[:4000] if not text.startswith("hex:") else "x"]) == {"ok": True}
    process.send(told=True)
    line = process.process.stdout.readline()  # fails where it is not UTF-8
    events = json.loads(line)["events"]
    assert "finding_opened" in codes(events) and "config_refused" in codes(events)
    for event in events:
        assert not faults(event), faults(event)
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        assert len(body.encode()) < 16_000
        bad = {character for value in strings_of(event) for character in value if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character != "\n"}
        assert not bad, bad
        assert all("\n" not in value for path, value in named_strings_of(event) if path != "desc")
    assert process.stop() == 0


def strings_of(value):
    return [text for _, text in named_strings_of(value)]


def named_strings_of(value, name=""):
    if isinstance(value, str):
        return [(name, value)]
    if isinstance(value, dict):
        return [pair for key, member in value.items() for pair in [("key", key), *named_strings_of(member, key)]]
    if isinstance(value, list):
        return [pair for member in value for pair in named_strings_of(member, name)]
    return []


def test_siem_row_29_after_a_restart_only_what_changed_meanwhile_is_told(driver, tmp_path):
    path = tmp_path / "spool.db"
    first = EventProcess(driver, path)
    assert first.ask(settings={"settle": 0}) == {"ok": True}
    first.audit(seen("a"), seen("b"), seen("c"))
    told = {event["finding_info"]["uid"]: event["metadata"]["uid"] for event in finding_events(first.told())}
    assert len(told) == 3
    first.kill()

    second = EventProcess(driver, path, number=1)
    assert second.audit(seen("a"), seen("b"), seen("c")) == {}, "nothing has changed"
    second.kill()

    third = EventProcess(driver, path, number=2)
    third.forget()
    assert third.audit(seen("a", "warn"), seen("b"), seen("c"), seen("d")) == {"finding_changed": 1, "finding_opened": 1}
    assert third.stop() == 0

    for file in tmp_path.glob("spool.db*"):
        file.unlink()
    fourth = EventProcess(driver, path, number=3)
    assert fourth.audit(seen("a"), seen("b"), seen("c")) == {"finding_opened": 3}
    again = {event["finding_info"]["uid"]: event["metadata"]["uid"] for event in finding_events(fourth.told())}
    assert again == told, "receivers know these already"
    assert fourth.stop() == 0


def test_siem_row_30_a_flapping_finding_is_told_once_until_it_rests(driver, tmp_path):
    process = EventProcess(driver, tmp_path / "spool.db")
    assert process.ask(settings={"settle": 0, "resolve_after": 1}) == {"ok": True}
    process.audit()
    told = []
    for number in range(20):  # in an hour
        process.at += 180 - 300
        told += process.audit(seen("api", "fail" if number % 2 == 0 else "pass"))
    assert told.count("finding_flapping") == 1
    assert len(told) == 4, told  # three moves, and that it flaps
    process.at += 3600
    assert process.audit(seen("api", "pass")) == {"finding_resolved": 1}
    assert process.stop() == 0


def test_siem_row_30_five_thousand_findings_at_once_are_one_event(driver, tmp_path):
    process = EventProcess(driver, tmp_path / "spool.db")
    assert process.ask(settings={"settle": 0}) == {"ok": True}
    process.audit()
    done = process.ask(many={"at": process.at + 300, "check": CHECK, "status": "fail", "count": 5000})
    assert {code: count for code, count in done["recorded"].items() if code != "audit_completed"} == {"finding_storm": 1}
    storm = next(event for event in process.told() if event["metadata"]["event_code"] == "finding_storm")
    assert storm["count"] == 5000 and len(storm["resources"]) == 100
    assert len(process.findings()) == 5000
    assert process.stop() == 0


def test_siem_row_30_a_list_that_is_forbidden_closes_nothing(driver, tmp_path):
    process = EventProcess(driver, tmp_path / "spool.db")
    assert process.ask(settings={"settle": 0, "resolve_after": 1}) == {"ok": True}
    findings = [seen(f"ns-{i}", kind="Namespace", ns=f"ns-{i}", api_version="v1") for i in range(5)]
    process.audit(*findings)
    process.forget()
    gap = [["networkpolicies.networking.k8s.io", "*", "forbidden"]]
    assert process.audit(gaps=gap) == {"finding_unevaluated": 5}
    for _ in range(5):
        assert process.audit(gaps=gap) == {}
    events = finding_events(process.forget())
    assert all(event["compliance"]["status_id"] == 2 and event["status_id"] == 1 for event in events)
    assert process.audit(*findings) == {"finding_changed": 5}
    assert process.audit() == {"finding_resolved": 5}
    assert process.stop() == 0


@pytest.mark.parametrize("jump", [3600, -3600])
def test_siem_row_32_a_clock_that_jumps_changes_neither_order_nor_number(driver, tmp_path, jump):
    process = EventProcess(driver, tmp_path / "spool.db")
    assert process.ask(settings={"settle": 0}) == {"ok": True}
    assert process.ask(clock=process.at * 1000) == {"ok": True}
    process.audit(seen("a"))
    process.at += jump
    assert process.ask(clock=process.at * 1000) == {"ok": True}
    assert process.audit(seen("a"), seen("b")) == {"finding_opened": 1}
    process.at -= jump
    assert process.ask(clock=process.at * 1000) == {"ok": True}
    assert process.audit(seen("a", "warn"), seen("b")) == {"finding_changed": 1}
    assert process.audit(seen("b")) == {}
    assert process.audit(seen("b")) == {"finding_resolved": 1}
    sequences = [event["metadata"]["sequence"] for event in process.told()]
    assert sequences == list(range(1, len(sequences) + 1))
    assert len({event["metadata"]["uid"] for event in process.told()}) == len(sequences)
    assert process.stop() == 0

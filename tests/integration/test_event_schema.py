# SPDX-License-Identifier: Apache-2.0
"""Every kind of event against the closed schemas of OCSF 1.6.0."""
import copy
import csv
import json

import pytest
from event_process import EventProcess, codes, seen
from ocsf_schema import CLASSES, faults

HEALTH = ("daemon_started", "daemon_stopping", "config_reloaded", "config_refused", "audit_failed", "sink_paused", "sink_recovered", "sink_disabled",
          "events_dropped", "spool_recovered", "spool_failed")
EVIDENCE = {"pods": 3, "names": [f"n{i}" for i in range(9)], "path": "spec.template"}
LABELS = [{"key": "team", "value": "a"}, {"key": "env", "value": "prod"}]


@pytest.fixture(scope="module")
def everything(binary, tmp_path_factory):
    """One of each kind of event at least."""
    driver = EventProcess(binary.parent / "tests" / "event_driver", tmp_path_factory.mktemp("events") / "spool.db")
    assert driver.opened == {"quarantined": ""}
    assert driver.ask(settings={"labels": ["team"], "settle": 0}) == {"ok": True}
    driver.audit()
    for status in ("fail", "warn"):
        driver.audit(seen("api", status, evidence=EVIDENCE, labels=LABELS, remediation="do\nthis"))
    driver.audit(seen("api", "warn"))
    driver.audit(seen("api", exempt=True))
    driver.audit(seen("api"))
    driver.audit(seen("api", severity="critical"))
    driver.audit(seen("api", "unknown", reason="forbidden"))
    driver.audit(seen("api"))
    assert driver.ask(snapshot=True) == {"ok": True}
    driver.audit(seen("api"), seen("cluster", kind="Cluster", ns="", api_version="seaworthy.dev/v1", uid=""))
    for status in ("pass", "pass", "fail"):
        driver.audit(seen("api", status), seen("gone"), seen("idle"))
    for _ in range(2):
        driver.audit(seen("api", "pass"), seen("idle", "not_applicable"))
    driver.audit(seen("api"))
    for _ in range(2):
        driver.audit(seen("api"), seen("left", ns="till"), seen("asked", check="netpol-ns-default-deny-egress"))
    for _ in range(2):
        driver.audit(seen("api"), excluded=["till"], switched_off=["netpol-ns-default-deny-egress"])
    assert driver.ask(settings={"labels": ["team"], "settle": 0, "reminder_after": 1}) == {"ok": True}
    driver.audit(seen("api"), seen("reminded"))
    driver.audit(seen("api"), seen("reminded"))
    assert driver.ask(settings={"labels": ["team"], "settle": 0}) == {"ok": True}
    driver.audit(*[seen(f"many-{i}") for i in range(120)])
    for code in HEALTH:
        assert driver.ask(health=[code, "what there is to say"]) == {"ok": True}
    events = driver.told()
    assert driver.stop() == 0
    return events


def test_siem_row_1_every_kind_of_event_is_valid_ocsf(everything):
    wrong = {event["metadata"]["event_code"]: faults(event) for event in everything if faults(event)}
    assert not wrong, json.dumps(wrong, indent=1)
    assert {event["class_uid"] for event in everything} == set(CLASSES)
    assert set(codes(everything)) == {
        "finding_opened", "finding_reopened", "finding_changed", "finding_suppressed", "finding_unevaluated", "finding_resolved", "finding_flapping",
        "finding_snapshot", "finding_reminder", "finding_storm", "audit_completed", *HEALTH}
    transitions = {event["unmapped"]["transition"] for event in everything if event["class_uid"] == 2003}
    assert transitions == {"opened", "reopened", "severity_changed", "status_changed", "evidence_changed", "exemption_ended", "evaluated", "suppressed",
                           "unevaluated", "resolved", "not_applicable", "deleted", "retired", "out_of_scope", "flapping", "stable", "snapshot", "reminder",
                           "storm"}
    labelled = [event for event in everything if "labels" in event.get("resources", [{}])[0]]
    assert labelled and all(event["resources"][0]["labels"] == ["team:a"] for event in labelled)


def objects_of(value, path=()):
    """Paths of the objects in an event, but not of those that OCSF leaves open."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects_of(item, (*path, index))
    if isinstance(value, dict):
        yield path
        for key, member in value.items():
            if key not in ("data", "unmapped"):
                yield from objects_of(member, (*path, key))


@pytest.mark.parametrize("class_uid", sorted(CLASSES))
def test_siem_row_1_one_unknown_field_anywhere_makes_an_event_invalid(everything, class_uid):
    event = next(event for event in everything if event["class_uid"] == class_uid)
    paths = list(objects_of(event))
    assert () in paths and ("metadata", "product") in paths
    for path in paths:
        mutant = copy.deepcopy(event)
        place = mutant
        for step in path:
            place = place[step]
        place["no_such_field"] = 1
        assert any("no_such_field" in fault for fault in faults(mutant)), path
    for missing in ("metadata", "time", "severity_id", "type_uid"):
        mutant = copy.deepcopy(event)
        del mutant[missing]
        assert faults(mutant), missing
    assert faults({**event, "severity_id": 42}) and faults({**event, "time": "now"})


def test_what_audit_writes_in_ocsf_is_valid_and_names_the_same_findings_as_its_report(run, root, tmp_path):
    manifests = root / "tests" / "reference" / "typical"
    run("audit", manifests, "-o", f"ocsf={tmp_path / 'records'}", "-o", f"csv={tmp_path / 'rows'}", "--show", "all")
    records = [json.loads(line) for line in (tmp_path / "records").read_text().splitlines()]
    with open(tmp_path / "rows", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(records) > 100
    assert [record["finding_info"]["uid"] for record in records] == [row["fingerprint"] for row in rows]
    assert {record["class_uid"] for record in records} == {2003}
    wrong = [fault for record in records for fault in faults(record)]
    assert not wrong, wrong[:10]
    status = {"pass": 1, "warn": 3, "fail": 3, "unknown": 2, "not_applicable": 99}
    assert [record["compliance"]["status_id"] for record in records] == [status[row["status"]] for row in rows]

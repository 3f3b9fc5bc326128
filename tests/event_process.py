# SPDX-License-Identifier: Apache-2.0
"""A journal as a process that tests may kill: see tests/integration/event_driver.cpp."""
from state_process import MIB, StateProcess

START = 1_787_303_643  # of the first audit, in seconds since 1970
CHECK = "netpol-ns-default-deny-ingress"


def seen(name, status="fail", **more):
    return {"check": CHECK, "name": name, "status": status, **more}


class EventProcess(StateProcess):
    """Audits of a cluster that does not exist, five minutes apart unless told otherwise."""

    def __init__(self, binary, path, max_bytes=32 * MIB, number=0, inside=None, environment=None):
        super().__init__(binary, path, max_bytes, inside, environment)
        self.number = number
        self.at = START + 300 * number

    def audit(self, *results, **more):
        """The codes of what it caused, with how many of each; audit_completed left out."""
        self.number += 1
        self.at += 300
        # Something is always seen: a report without results is an audit that failed.
        rows = [*results, {"check": "image-tag-floating", "name": "steady", "status": "pass"}]
        answer = self.ask(audit={"uid": f"audit-{self.number}", "at": self.at, "results": rows, **more})
        assert "recorded" in answer, answer
        return {code: count for code, count in answer["recorded"].items() if code != "audit_completed"}

    def told(self):
        return self.ask(told=True)["events"]

    def findings(self):
        return self.ask(findings=True)["findings"]

    def forget(self):
        events = self.told()
        if events:
            assert self.ask(acknowledge=events[-1]["metadata"]["sequence"]) == {"ok": True}
        return events


def codes(events):
    return [event["metadata"]["event_code"] for event in events]

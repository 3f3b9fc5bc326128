# SPDX-License-Identifier: Apache-2.0
"""Case files staged on a real API server get the verdicts that they get as files.

What the server defaults, renames or drops on the way (and what our reading of its lists makes of that) has no say in the unit tests.
A state that a live cluster cannot be brought into (a gap, a probe's answer, an object being deleted, a foreign kind) stays a file. What is staged
is seconds old: the file that it is compared with says so too, and only where the promised verdict survives that does the case count as staged.
Of each check one finding and one pass are staged, or, with SEAWORTHY_STAGE=all, every case.
"""
import collections
import functools
import json
import os
import re

from kubernetes_client import ApiError
from staging import live_configuration, read_documents, unfold
from test_case_files import case_files

BUILT_IN = re.compile(r"^(v1|(apps|batch|policy|autoscaling|[a-z.]+\.k8s\.io)/v\d\w*)$")
NOT_BUILT_IN = ("gateway.networking.k8s.io", "policy.networking.k8s.io", "wgpolicyk8s.io", "metrics.k8s.io", "snapshot.storage.k8s.io", "openreports.io")

KIND_OF = {"fail": "finding", "warn": "finding", "pass": "pass"}


def split(path):
    """(snapshot spec, objects) of a case file."""
    snapshot, objects = {}, []
    for document in read_documents(path):
        for manifest in unfold(document):
            if manifest.get("kind") == "Snapshot":
                snapshot = manifest.get("spec") or {}
            else:
                objects.append(manifest)
    return snapshot, objects


def unstageable(snapshot, objects, server):
    """Why a live cluster cannot be brought into this state, or nothing."""
    if snapshot.get("gaps") or snapshot.get("probes"):
        return "gaps or probes"
    if [name for name in snapshot.get("served") or [] if name != "*"]:
        return "serves foreign kinds"
    if "takenAt" not in snapshot:
        return "no clock"
    if minor(snapshot.get("server", {}).get("gitVersion", server)) != minor(server):
        return "another version of Kubernetes"
    for manifest in objects:
        group = manifest["apiVersion"].split("/")[0]
        if not BUILT_IN.match(manifest["apiVersion"]) or group in NOT_BUILT_IN:
            return "foreign kinds"
        if "deletionTimestamp" in manifest["metadata"] or (manifest.get("status") or {}).get("phase") == "Terminating":
            return "an object being deleted"
        if manifest["metadata"].get("managedFields"):
            return "who wrote an object, which the API server notes itself"
        if manifest["kind"] == "APIService":
            return "a status that the API server itself writes"
        if "kubernetes.io/config.mirror" in (manifest["metadata"].get("annotations") or {}):
            return "a mirror pod"
    return ""


def minor(version):
    return version.lstrip("v").split(".")[1]


def as_if_new(snapshot, objects):
    """The same cluster with every object made at the moment of the audit, as text of a snapshot file."""
    head = {"apiVersion": "seaworthy.dev/v1", "kind": "Snapshot", "spec": {**snapshot, "config": live_configuration(snapshot.get("config") or {})}}
    made = [{**manifest, "metadata": {**manifest["metadata"], "creationTimestamp": snapshot["takenAt"]}} for manifest in objects]
    return "\n---\n".join(json.dumps(document) for document in [head, *made])


def said(promised, got):
    """What the verdicts that are as promised say of the check: that it finds, that it passes."""
    return {KIND_OF[status] for row, status in promised.items() if status in KIND_OF and got.get(row) == status}


def every_case_is_staged():
    return os.environ.get("SEAWORTHY_STAGE") == "all"


def compare_with_files(root, cases, seen, judge, live, tmp_path):
    """Stages each (path, snapshot spec, objects) that has something new to say and compares its verdicts, live(check, snapshot spec, objects), with
    those of its file. Adds to seen[check] what was shown there. Gives (what differs, in words; how many were staged)."""
    problems, staged = [], 0
    for path, snapshot, objects in cases:
        check = path.parent.name
        news = {"finding", "pass"} - seen[check]
        if not (news or every_case_is_staged()):
            continue
        new = tmp_path / "new.yaml"
        new.write_text(as_if_new(snapshot, objects))
        expected, promised = judge(check, new), judge(check, path)
        if not (news & said(promised, expected) or every_case_is_staged()):
            continue
        try:
            got = live(check, snapshot, objects)
        except ApiError as error:
            problems.append(f"{path.relative_to(root)} cannot be staged: {error}")
            continue
        staged += 1
        differing = {row: (status, got.get(row, "absent")) for row, status in expected.items() if got.get(row) != status}
        if differing:
            problems.append(f"{path.relative_to(root)}: {differing}")
        seen[check] |= said(promised, got)
    for check, kinds in sorted(seen.items()):
        print(f"{check:50} {' '.join(sorted(kinds))}")
    return problems, staged


def test_staged_cases_get_the_verdicts_that_their_files_get(root, admin, judge, stage_and_judge_in, control_plane, tmp_path):
    server = admin.get("/version")["gitVersion"]
    cases, left = [], collections.Counter()
    for path in case_files(root):
        snapshot, objects = split(path)
        why = unstageable(snapshot, objects, server)
        if why:
            left[why] += 1
        else:
            cases.append((path, snapshot, objects))
    print(f"{left.total()} cases stay files: {dict(left)}")
    seen = collections.defaultdict(set)
    problems, _ = compare_with_files(root, cases, seen, judge, functools.partial(stage_and_judge_in, control_plane), tmp_path)
    assert not problems, f"{len(problems)} cases are judged differently when live:\n" + "\n".join(problems)
    assert len([check for check, kinds in seen.items() if "finding" in kinds]) >= 50, "fewer checks could be staged than expected"

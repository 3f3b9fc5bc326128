# SPDX-License-Identifier: Apache-2.0
"""Case files staged on a real API server get the verdicts that they get as files.

What the server defaults, renames or drops on the way (and what our reading of its lists makes of that) has no say in the unit tests.
A case that a live cluster cannot be brought into (a gap, a probe's answer, an object being deleted, a foreign kind, an age) stays a file.
"""
import datetime
import json
import re

import yaml
from kubernetes_client import ApiError
from staging import Stage, read_documents, unfold

BUILT_IN = re.compile(r"^(v1|(apps|batch|policy|autoscaling|[a-z.]+\.k8s\.io)/v\d\w*)$")
NOT_BUILT_IN = ("gateway.networking.k8s.io", "wgpolicyk8s.io", "metrics.k8s.io", "snapshot.storage.k8s.io", "openreports.io")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
# Verdicts of these rest on how old an object is, and here every object is seconds old.
JUDGED_BY_AGE = set()


def case_folders(root):
    return sorted(path for path in (root / "tests/checks").iterdir() if path.is_dir()) if (root / "tests/checks").is_dir() else []


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def shifted(value, by):
    """The same tree with every timestamp moved, so that "two minutes ago" stays two minutes ago."""
    if isinstance(value, dict):
        return {key: shifted(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [shifted(item, by) for item in value]
    if isinstance(value, str) and TIME.match(value):
        moved = parse_time(value) + by
        return moved.strftime("%Y-%m-%dT%H:%M:%S") + (f".{moved.microsecond:06}Z" if "." in value else "Z")
    return value


def texts(value):
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


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


def unstageable(snapshot, objects):
    """Why a live cluster cannot be brought into this state, or nothing."""
    if snapshot.get("gaps") or snapshot.get("probes"):
        return "gaps or probes"
    if [name for name in snapshot.get("served") or [] if name != "*"]:
        return "serves foreign kinds"
    if not snapshot:
        return "a partial cluster"
    if "takenAt" not in snapshot and any(TIME.match(text) for text in texts(objects)):
        return "times without a clock"
    taken = parse_time(snapshot["takenAt"]) if "takenAt" in snapshot else None
    for manifest in objects:
        group = manifest["apiVersion"].split("/")[0]
        if not BUILT_IN.match(manifest["apiVersion"]) or group in NOT_BUILT_IN:
            return "foreign kinds"
        if "deletionTimestamp" in manifest["metadata"]:
            return "an object being deleted"
        created = manifest["metadata"].get("creationTimestamp")
        if created and taken and taken - parse_time(created) < datetime.timedelta(hours=1):
            return "a young object"
        if "kubernetes.io/config.mirror" in (manifest["metadata"].get("annotations") or {}):
            return "a mirror pod"
    return ""


def rows(report, check):
    return {(result["object"]["kind"], result["object"]["namespace"], result["object"]["name"]): result["status"]
            for result in report["results"] if result["check"] == check}


def test_staged_cases_get_the_verdicts_that_their_files_get(root, control_plane, admin, run, tmp_path):
    staged, left, problems = {}, {}, []
    kubeconfig = control_plane.admin_kubeconfig()
    for folder in case_folders(root):
        check = folder.name
        for path in sorted(folder.glob("*.yaml")):
            if path.name == "expect.yaml":
                continue
            snapshot, objects = split(path)
            why = "judged by age" if check in JUDGED_BY_AGE else unstageable(snapshot, objects)
            if why:
                left[why] = left.get(why, 0) + 1
                continue
            expected = rows(json.loads(run("audit", path, "-o", "json", "--show", "all", "--checks", check).stdout), check)
            by = datetime.datetime.now(datetime.timezone.utc) - parse_time(snapshot["takenAt"]) if "takenAt" in snapshot else datetime.timedelta()
            config = tmp_path / "seaworthy.yaml"
            config.write_text(yaml.safe_dump(live_configuration(snapshot.get("config") or {})))
            stage = Stage(admin)
            try:
                stage.load([shifted(manifest, by) for manifest in objects])
                live = rows(json.loads(run("audit", "--kubeconfig", kubeconfig, "--config", config, "-o", "json", "--show", "all", "--checks", check).stdout), check)
            except ApiError as error:
                problems.append(f"{path.relative_to(root)} cannot be staged: {error}")
                continue
            finally:
                stage.clear()
            differing = {row: (status, live.get(row, "absent")) for row, status in expected.items() if live.get(row) != status}
            if differing:
                problems.append(f"{path.relative_to(root)}: {differing}")
            staged.setdefault(check, set()).update(expected.values())
    print(f"{sum(left.values())} cases stay files: {left}")
    for check, statuses in sorted(staged.items()):
        print(f"{check:50} {' '.join(sorted(statuses))}")
    assert not problems, f"{len(problems)} cases are judged differently when live:\n" + "\n".join(problems)
    assert len(staged) >= 20, "fewer checks could be staged than expected"


def live_configuration(config):
    """The case's configuration; young objects are judged, and the optional grants are on, as a file without gaps has them."""
    return {**config, "audit": {**(config.get("audit") or {}), "minAge": "0s"},
            "kubernetes": {**(config.get("kubernetes") or {}), "grants": ["CM", "CMA", "SE", "ME"]}}

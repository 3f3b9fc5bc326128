# SPDX-License-Identifier: Apache-2.0
"""Two audits of manifests before and after a change, as a CI job compares them."""
import json

import pytest
import yaml
from conftest import workload


@pytest.fixture
def report(run, tmp_path):
    """report(name, *workloads): the path of an audit's report."""

    def write(name, *workloads):
        manifests = tmp_path / f"{name}.yaml"
        manifests.write_text(yaml.safe_dump_all([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
                                                 *(thing for one in workloads for thing in workload(one))]))
        path = tmp_path / f"{name}.json"
        run("audit", manifests, "-o", f"json={path}")
        return path

    return write


def test_only_what_is_new_fails(run, report):
    old, new = report("old", "web"), report("new", "web", "store")

    same = run("audit", "diff", old, old)
    worse = run("audit", "diff", old, new, "-o", "json", status=3)
    better = run("audit", "diff", new, old)

    assert same.stdout.splitlines()[-1] == "0 new, 0 worse, 0 better, 0 resolved, 0 no longer seen"
    opened = json.loads(worse.stdout)["opened"]
    assert opened and all(finding["name"] == "store" or finding["kind"] != "Deployment" for finding in opened)
    assert "new findings of severity info or above" in worse.stderr
    assert f"{len(opened)} resolved" in better.stdout.replace("0 better, ", "")
    assert not [finding for finding in json.loads(run("audit", "diff", new, old, "-o", "json").stdout)["opened"] if finding["name"] == "store"]


def test_markdown_is_a_comment(run, report):
    said = run("audit", "diff", report("old"), report("new", "web"), "-o", "markdown", status=3).stdout

    assert said.startswith("### Seaworthy: ") and "| fail | " in said


def test_wrong_files_are_named(run, report, tmp_path):
    old = report("old")
    missing, other = tmp_path / "missing.json", tmp_path / "other.json"
    other.write_text('{"kind": "List"}')

    assert "missing.json" in run("audit", "diff", old, missing, status=1).stderr
    assert "other.json: no Report of seaworthy.dev/v1" in run("audit", "diff", other, old, status=1).stderr
    assert "NEW is required" in run("audit", "diff", old, status=2).stderr

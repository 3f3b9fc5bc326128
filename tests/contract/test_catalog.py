# SPDX-License-Identifier: Apache-2.0
"""The catalogue as users see it, and that every check of it is exercised."""
import json
import subprocess

import pytest

STEPS = ["minimal-base-images", "registry-availability", "image-pull-secrets", "namespaces", "labels", "annotations", "rbac", "policy-engine",
         "network-policies", "secrets", "image-scanning", "continuous-delivery", "progressive-delivery", "monitoring", "service-mesh", "admission-controllers"]
ADVICE = ["oidc", "pull-cache", "secrets-management"]


@pytest.fixture(scope="module")
def controls(binary):
    return json.loads(subprocess.run([str(binary), "controls", "list", "-o", "json"], check=True, capture_output=True, text=True, timeout=60).stdout)


def checks_of(controls):
    return [check for control in controls for check in control["checks"]]


def test_the_list_has_the_sixteen_steps_and_the_three_advice_topics(controls):
    assert [(control["id"], control["step"]) for control in controls] == [(name, step) for step, name in enumerate(STEPS, 1)] + [(name, None) for name in ADVICE]


def test_every_row_of_the_list_has_the_promised_shape(controls):
    for control in controls:
        assert set(control) >= {"id", "step", "title", "weight", "checks"}
        assert len(control["checks"]) >= 3, control["id"]
    for check in checks_of(controls):
        assert set(check) >= {"id", "title", "scope", "severity", "default", "needs", "grants", "params"}, check["id"]
        assert check["severity"] in ("critical", "high", "medium", "low", "info"), check["id"]
        assert check["default"] in ("on", "off"), check["id"]
        assert isinstance(check["needs"], list) and isinstance(check["grants"], list) and isinstance(check["params"], dict), check["id"]


def case_statuses(root, check):
    folder = root / "tests/checks" / check
    return {path.name.split(".")[0] for path in folder.glob("*.yaml") if path.name != "expect.yaml"} if folder.is_dir() else set()


# Rules that prove only badness: what they say nothing about is not_applicable, never pass.
RULES_WITHOUT_PASS = {"image-raw-os-or-fat-tag"}


def test_every_check_has_a_case_that_passes_and_one_that_finds(root, controls):
    lacking = {}
    for check in checks_of(controls):
        statuses = case_statuses(root, check["id"])
        missing = [name for name, present in (("pass", ("not_applicable" if check["id"] in RULES_WITHOUT_PASS else "pass") in statuses), ("fail or warn", statuses & {"fail", "warn"})) if not present]
        if missing:
            lacking[check["id"]] = missing
    assert not lacking


def test_every_folder_of_cases_belongs_to_a_check_and_every_file_names_a_status(root, controls):
    known = {check["id"] for check in checks_of(controls)}
    folders = [path for path in (root / "tests/checks").iterdir() if path.is_dir()]
    assert {path.name for path in folders} <= known
    for folder in folders:
        unexpected = case_statuses(root, folder.name) - {"pass", "warn", "fail", "unknown", "not_applicable"}
        assert not unexpected or (folder / "expect.yaml").is_file(), f"{folder.name}: {unexpected}"

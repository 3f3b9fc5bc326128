# SPDX-License-Identifier: Apache-2.0
"""What the program generates is committed, so that people can read and diff it. It has to be what the program says now."""
import json
import subprocess
import sys

import pytest
import yaml


@pytest.fixture(scope="module")
def generator(root):
    sys.path.insert(0, str(root / "scripts"))
    import generate

    return generate


@pytest.fixture(scope="module")
def say(binary):
    def call(*arguments):
        return subprocess.run([str(binary), *arguments], check=True, capture_output=True, text=True, timeout=60).stdout

    return call


@pytest.fixture(scope="module")
def controls(say):
    return json.loads(say("controls", "list", "-o", "json"))


def test_every_generated_file_is_what_the_program_says(root, binary, generator):
    stale = [path for path, text in generator.files(binary).items() if not (root / path).is_file() or (root / path).read_text() != text]
    assert not stale, f"out of date, run `make docs`: {stale}"


def test_no_page_describes_a_control_that_does_not_exist(root, controls):
    pages = {path.stem for path in (root / "docs/controls").glob("*.md")} - {"README"}
    assert pages == {control["id"] for control in controls}


def test_the_example_configuration_is_valid(say, root):
    say("config", "validate", str(root / "config.example.yaml"))


def test_the_example_configuration_gives_every_key_a_line_of_why(root):
    lines = (root / "config.example.yaml").read_text().splitlines()
    keys = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("#", "-"))]
    bare = [lines[number] for number in keys if "#" not in lines[number] and not (number and lines[number - 1].lstrip().startswith("#"))]
    assert keys
    assert not bare


def test_the_rbac_reads_only_and_names_no_secret(say):
    for arguments in ([], ["--namespaced"]):
        rules = [rule for manifest in yaml.safe_load_all(say("rbac", "-o", "yaml", *arguments)) if manifest for rule in manifest.get("rules") or []]
        assert rules
        for rule in rules:
            reviews = set(rule.get("resources", [])) <= {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}
            assert set(rule["verbs"]) <= ({"create"} if reviews and rule.get("resources") else {"get", "list"}), rule
            assert "secrets" not in rule.get("resources", []), rule
            assert "*" not in rule.get("resources", []) or rule["apiGroups"] == ["constraints.gatekeeper.sh"], rule
            assert "*" not in rule.get("apiGroups", []), rule


def test_the_rbac_has_one_rule_for_each_api_group_and_scope(say):
    for manifest in yaml.safe_load_all(say("rbac", "-o", "yaml")):
        rules = [(tuple(rule["apiGroups"]), tuple(rule["verbs"]), tuple(rule.get("resourceNames", []))) for rule in (manifest or {}).get("rules") or [] if "apiGroups" in rule]
        assert len(rules) == len(set(rules))


def test_the_rbac_covers_the_needs_of_the_checks_that_are_on_and_nothing_else(say, controls):
    granted = {(f"{resource}.{group}" if group else resource) for manifest in yaml.safe_load_all(say("rbac", "-o", "yaml")) if manifest
               for rule in manifest.get("rules") or [] for group in rule.get("apiGroups", []) for resource in rule.get("resources", [])}
    optional = ("CM", "CMA", "SE", "ME", "H", "NPR")
    needed, on = set(), [check for control in controls for check in control["checks"] if check["default"] == "on"]
    for check in on:
        needed |= {need for need in check["needs"] if ":" not in need and need not in ("secrets", "configmaps", "node-probe")}
    assert any(grant.lstrip("+") not in optional for check in on for grant in check["grants"])
    missing = needed - granted
    assert not missing
    # Namespaces are the subject of every report; the reviews of the audit's own rights are virtual resources.
    extra = granted - needed - {"namespaces", "selfsubjectaccessreviews.authorization.k8s.io", "selfsubjectrulesreviews.authorization.k8s.io"}
    assert not extra, "granted, but no enabled check needs it"

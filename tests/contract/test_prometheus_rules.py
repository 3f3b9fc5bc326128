# SPDX-License-Identifier: Apache-2.0
"""Alerts that fire when they should and not otherwise, about metrics that exist, each with a page for whom it wakes."""
import json
import re
import subprocess

import pytest
import yaml

FILES = ("deploy/prometheus/rules.yaml", "deploy/prometheus/optional-rules.yaml")
RUNBOOK_URL = "https://seaworthy.dev/docs/runbooks/"


@pytest.fixture(scope="module")
def rules(root):
    """{name: rule} of every alert and every recorded series."""
    listed = [rule for path in FILES for group in yaml.safe_load((root / path).read_text())["groups"] for rule in group["rules"]]
    by_name = {rule.get("alert") or rule["record"]: rule for rule in listed}
    assert len(by_name) == len(listed), "a name that occurs twice"
    return by_name


@pytest.fixture(scope="module")
def alerts(rules):
    return {name: rule for name, rule in rules.items() if "alert" in rule}


@pytest.fixture(scope="module")
def unit_tests(root):
    return {path.stem: yaml.safe_load(path.read_text()) for path in (root / "tests/rules").glob("*.yaml")}


def promtool(*arguments, **options):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)


def test_promtool_finds_nothing_to_complain_about(root):
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", *[root / path for path in FILES])
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_unit_test_passes(root):
    paths = sorted((root / "tests/rules").glob("*.yaml"))
    assert paths
    done = promtool("test", "rules", *paths)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_unit_test_with_a_wrong_expectation_fails(root, tmp_path):
    right = (root / "tests/rules/SeaworthyDown.yaml").read_text()
    wrong = right.replace("../../deploy", str(root / "deploy")).replace("1x5 0x20", "1x25")
    assert wrong != right
    (tmp_path / "wrong.yaml").write_text(wrong)
    assert promtool("test", "rules", tmp_path / "wrong.yaml").returncode == 1


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_is_quiet(alerts, unit_tests):
    for name in alerts:
        expected = [case["exp_alerts"] for test in unit_tests[name]["tests"] for case in test["alert_rule_test"] if case["alertname"] == name]
        assert any(expected), f"{name} never fires in tests/rules/{name}.yaml"
        assert not all(expected), f"{name} is never quiet in tests/rules/{name}.yaml"


def test_a_quiet_test_has_samples_of_what_the_alert_reads(alerts, unit_tests):
    for name in alerts:
        for test in unit_tests[name]["tests"]:
            assert test["input_series"], f"{name}: {test['name']}: without samples every alert is quiet"


def test_every_alert_says_what_a_person_needs(root, alerts):
    for name, alert in alerts.items():
        assert re.fullmatch(r"Seaworthy[A-Z]\w+", name)
        assert alert["labels"] == {"severity": alert["labels"]["severity"]} and alert["labels"]["severity"] in ("warning", "info"), name
        assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}, name
        assert alert["annotations"]["summary"].endswith(".") and "{{" not in alert["annotations"]["summary"], f"{name}: a static sentence"
        assert alert["annotations"]["runbook_url"] == f"{RUNBOOK_URL}{name}.md"
        assert "for" in alert, name


def test_every_alert_has_a_runbook_and_every_runbook_an_alert(root, alerts):
    pages = {path.stem: path.read_text() for path in (root / "docs/runbooks").glob("*.md") if path.stem != "README"}
    assert set(pages) == set(alerts)
    index = (root / "docs/runbooks/README.md").read_text()
    for name, text in pages.items():
        assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == ["Meaning", "Impact", "Diagnosis", "Mitigation"], name
        assert text.startswith(f"# {name}\n")
        assert f"({name}.md)" in index


def names_in(expression):
    return set(re.findall(r"\b(?:seaworthy|process)_[a-z_]+\b(?!:)", re.sub(r'"[^"]*"', "", re.sub(r"[\w:]+:[\w:]+", "", expression))))


def recorded_in(expression):
    return set(re.findall(r"\b[a-z_]+:seaworthy_\w+:\w+", expression))


def test_every_metric_that_a_rule_or_a_runbook_names_exists(root, binary, rules):
    listed = subprocess.run([str(binary), "metrics", "list", "-o", "json"], check=True, capture_output=True, text=True, timeout=60)
    known = {row["name"] for row in json.loads(listed.stdout)}
    read = {name: names_in(rule["expr"]) | recorded_in(rule["expr"]) for name, rule in rules.items()}
    assert not {name: sorted(metrics - known - set(rules)) for name, metrics in read.items() if metrics - known - set(rules)}
    assert all(metrics or name == "SeaworthyDown" for name, metrics in read.items()), "a rule that reads no metric of ours"
    for page in sorted((root / "docs/runbooks").glob("*.md")):
        assert not set(re.findall(r"\bseaworthy_[a-z_]+\b", page.read_text())) - known, page.name


def test_every_configuration_key_that_a_runbook_names_exists(root, binary):
    known = set(re.findall(r"^\| `([\w.<>-]+)` \|", (root / "docs/configuration.md").read_text(), re.M))
    sections = {key.split(".")[0] for key in known}
    for page in sorted((root / "docs/runbooks").glob("*.md")):
        named = {key for key in re.findall(r"`([a-zA-Z]+(?:\.[\w-]+)+)(?:: [^`]*)?`", page.read_text()) if key.split(".")[0] in sections}
        unknown = {key for key in named if key not in known and not any(other.startswith(f"{key}.") for other in known) and not key.startswith("controls.checks.")}
        assert not unknown, f"{page.name}: {sorted(unknown)}"


def test_every_series_that_is_recorded_is_named_by_level_metric_and_operation(rules):
    for name in rules:
        if "record" in rules[name]:
            assert re.fullmatch(r"[a-z_]+:seaworthy_[a-z_]+:[a-z]+", name), name
            assert "avg" not in rules[name]["expr"], f"{name}: a mean of ratios says nothing"

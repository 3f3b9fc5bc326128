# SPDX-License-Identifier: Apache-2.0
"""Pages that people read: links resolve, commands exist, and they say what the program says."""
import json
import re
import subprocess

import pytest


@pytest.fixture(scope="module")
def pages(root):
    tracked = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md"], check=True, capture_output=True, text=True)
    return [root / line for line in tracked.stdout.splitlines() if (root / line).is_file()]


def test_relative_links_lead_somewhere(root, pages):
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.S)):
            path = target.split("#")[0]
            if path and "://" not in path and not target.startswith("mailto:") and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(root)}: {target}")
    assert not broken


def test_the_readme_names_the_nineteen_controls_in_their_order(root, binary):
    controls = json.loads(subprocess.run([str(binary), "controls", "list", "-o", "json"], check=True, capture_output=True, text=True).stdout)
    rows = re.findall(r"^\| (\d+|advice) \| `([\w-]+)` \|", (root / "README.md").read_text(), re.M)

    assert rows == [(str(control["step"] or "advice"), control["id"]) for control in controls]


def test_every_make_target_that_a_page_names_exists(root, pages):
    targets = set(re.findall(r"^([a-z0-9]+):", (root / "Makefile").read_text(), re.M))
    named = {target for page in pages for target in re.findall(r"(?:`|^)make ([a-z0-9]+)", page.read_text(), re.M)}

    assert {"demo", "test"} <= named <= targets


def test_every_command_that_a_page_names_exists(binary, pages):
    named = {command for page in pages for command in re.findall(r"(?:`|^(?:build/release/)?)seaworthy ([a-z-]+)", page.read_text(), re.M)}
    assert "audit" in named
    for command in sorted(named):
        done = subprocess.run([str(binary), command, "--help"], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"seaworthy {command}: {done.stderr}"


def test_the_architecture_page_stays_short(root):
    text = (root / "docs/architecture.md").read_text()
    assert len(text.split()) < 1200, "two pages"


def test_every_decision_is_listed_and_says_why(root):
    folder = root / "docs/adr"
    index = (folder / "README.md").read_text()
    decisions = sorted(folder.glob("[0-9]*.md"))
    assert decisions
    for page in decisions:
        assert f"]({page.name})" in index, page.name
        text = page.read_text()
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page.name


def test_every_configuration_that_a_page_about_sinks_shows_is_valid(root, binary, tmp_path):
    pages = [root / "docs/siem.md", *sorted((root / "docs/siem").glob("*.md"))]
    shown = [(page, text) for page in pages for text in re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.M | re.S)]
    assert {page for page, _ in shown} == set(pages)
    for page, text in shown:
        (tmp_path / "seaworthy.yaml").write_text(text)
        done = subprocess.run([str(binary), "config", "validate", str(tmp_path / "seaworthy.yaml")], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{page.relative_to(root)}: {done.stdout}{done.stderr}"


def test_every_check_that_the_page_on_other_auditors_names_exists(root, binary):
    controls = json.loads(subprocess.run([str(binary), "controls", "list", "-o", "json"], check=True, capture_output=True, text=True).stdout)
    checks = {check["id"] for control in controls for check in control["checks"]}
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]*\|$", (root / "docs/migration.md").read_text(), re.M)
    rows = [(theirs, ours) for theirs, ours in rows if ours != "Seaworthy"]
    named = [check for _, ours in rows for check in re.findall(r"`([^`]+)`", ours)]

    assert len(rows) > 80
    assert [ours for _, ours in rows if ours != "–" and not re.fullmatch(r"`[a-z0-9-]+`(, `[a-z0-9-]+`)*", ours)] == []
    assert sorted(set(named) - checks) == []


def test_every_test_that_the_threat_model_names_exists(root):
    text = (root / "docs/threat-model.md").read_text()
    named = set(re.findall(r"`(tests/[^`]+)`", text))
    answers = text[text.index("## A tenant"):]
    rows = [row.split("|")[1:-1] for row in answers.splitlines() if row.startswith("| ") and " | test |" not in row]
    undefended = [row for row in rows if "**nothing" in row[1]]

    assert len(named) > 30 and [path for path in sorted(named) if not (root / path).is_file()] == []
    assert undefended and all(row[2].strip() == "–" for row in undefended)
    assert all("`tests/" in row[2] for row in rows if row not in undefended), "an answer without a test"


def test_the_audits_of_the_quick_start_run(root, binary):
    commands = re.findall(r"^seaworthy (audit deploy/\S+)", (root / "docs/quick-start.md").read_text(), re.M)
    assert commands
    for command in commands:
        done = subprocess.run([str(binary), *command.split()], cwd=root, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"seaworthy {command}: {done.stderr}"

# SPDX-License-Identifier: Apache-2.0
"""The commands as scripts and people meet them: exit codes, streams, help, files."""
import csv
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios

import pytest
import yaml
from processes import clean_environment

SNAPSHOT = """apiVersion: seaworthy.dev/v1
kind: Snapshot
spec:
  takenAt: "2026-11-22T04:00:00Z"
  server: {{gitVersion: v1.36.3}}
  gaps: {gaps}
  config: {config}
---
apiVersion: v1
kind: Namespace
metadata: {{name: shop, uid: 0a, creationTimestamp: "2026-10-01T08:00:00Z"}}
status: {{phase: Active}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop, uid: 0b, creationTimestamp: "2026-10-01T08:00:00Z"}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      hostNetwork: true
      containers:
      - {{name: main, image: "nginx", securityContext: {{privileged: true}}}}
"""


@pytest.fixture
def snapshot(tmp_path):
    """snapshot(gaps=[], config={}): the path of a small cluster with something to find."""

    def write(gaps=(), config=None):
        path = tmp_path / "snapshot.yaml"
        path.write_text(SNAPSHOT.format(gaps=json.dumps(list(gaps)), config=json.dumps(config or {})))
        return path

    return write


@pytest.fixture
def failing(run, snapshot):
    """(path, severity) of a failed check in the small cluster; the most severe one."""
    path = snapshot()
    order = ["info", "low", "medium", "high", "critical"]
    failed = [result["severity"] for result in json.loads(run("audit", path, "-o", "json").stdout)["results"] if result["status"] == "fail"]
    assert failed, "the small cluster has to fail something"
    return path, max(failed, key=order.index)


# Exit codes


def test_findings_alone_do_not_change_the_exit_code(run, failing):
    assert run("audit", failing[0], status=0).stdout


def test_a_finding_of_the_named_severity_is_3(run, failing):
    path, severity = failing

    assert "finding" in run("audit", path, "--fail-on", severity, status=3).stderr
    assert run("audit", path, "--fail-on", severity, "-o", "json", status=3).stdout.startswith("{"), "the report is written all the same"
    run("audit", path, "--fail-on", severity, "--checks", "mesh-*", status=0)


def test_warnings_count_only_when_asked_for(run, snapshot):
    path = snapshot()
    results = json.loads(run("audit", path, "-o", "json").stdout)["results"]
    warned = {result["check"] for result in results if result["status"] == "warn"} - {result["check"] for result in results if result["status"] == "fail"}
    if not warned:
        pytest.skip("nothing in the small cluster is a mere warning")
    check = sorted(warned)[0]

    run("audit", path, "--checks", check, "--fail-on", "info", status=0)
    run("audit", path, "--checks", check, "--fail-on", "info", "--fail-on-warn", status=3)


def test_a_score_below_the_limit_is_4(run, snapshot):
    path = snapshot()
    score = json.loads(run("audit", path, "-o", "json").stdout)["score"]
    assert 0 < score < 100

    run("audit", path, "--min-score", str(int(score)), status=0)
    assert "score" in run("audit", path, "--min-score", "100", status=4).stderr


def test_something_unobserved_is_5_with_strict(run, snapshot):
    path = snapshot(gaps=[{"resource": "pods", "namespace": "*", "reason": "forbidden"}])

    run("audit", path, status=0)
    run("audit", path, "--strict", status=5)


def test_a_finding_outranks_a_score_and_a_score_what_is_unobserved(run, snapshot):
    path = snapshot(gaps=[{"resource": "services", "namespace": "*", "reason": "forbidden"}])

    run("audit", path, "--strict", "--min-score", "100", "--fail-on", "info", status=3)
    run("audit", path, "--strict", "--min-score", "100", status=4)


@pytest.mark.parametrize("arguments", [
    [], ["adit"], ["controls"], ["controls", "lits"], ["controls", "explain"], ["controls", "explain", "network-policy"], ["audit", "--fail-onn", "high"],
    ["audit", "--fail-on", "hihg", "FILE"], ["audit", "--min-score", "101", "FILE"], ["audit", "--min-score", "many", "FILE"], ["audit", "--show", "passed", "FILE"],
    ["audit", "--checks", "no-such-check", "FILE"], ["audit", "--controls", "rback", "FILE"], ["audit", "-o", "jsno", "FILE"], ["audit", "-o", "json=", "FILE"],
    ["audit", "-o", "json", "-o", "table", "FILE"], ["audit", "-l", "a b", "FILE"], ["audit", "--request-timeout", "soon"], ["rbac", "--with", "CN"],
    ["completion", "csh"], ["version", "extra"], ["capture"], ["metrics", "list", "-o", "pdf"],
], ids=" ".join)
def test_wrong_usage_is_2_with_a_message_and_no_data(run, snapshot, arguments):
    path = str(snapshot())

    done = run(*[path if argument == "FILE" else argument for argument in arguments], status=2)

    assert done.stdout == ""
    assert done.stderr.strip()


def test_a_wrong_configuration_is_2(run, snapshot):
    assert "auditt" in run("audit", snapshot(config={"auditt": {}}), status=2).stderr


# Suggestions and help


@pytest.mark.parametrize("arguments, meant", [
    (["auditt"], "audit"), (["controls", "explian"], "explain"), (["audit", "--kubeconfg", "x"], "--kubeconfig"), (["controls", "explain", "network-polices"], "network-policies"),
    (["audit", "--show", "fial", "."], "fail"), (["audit", "-o", "jsn", "."], "json"),
])
def test_a_typing_mistake_gets_the_nearest_word(run, arguments, meant):
    assert f"did you mean \"{meant}\"" in run(*arguments, status=2).stderr or meant in run(*arguments, status=2).stderr.split("did you mean")[-1]


def every_command(run):
    commands, waiting = [], [[]]
    while waiting:
        command = waiting.pop()
        text = run(*command, "--help").stdout
        commands.append(command)
        below = text.split("\nSubcommands:\n")
        if len(below) > 1:
            waiting += [command + [line.split()[0]] for line in below[1].splitlines() if re.match(r"  [a-z]", line)]
    return commands


def test_every_command_has_help_that_begins_with_examples(run):
    commands = every_command(run)
    assert {"audit", "serve", "capture", "controls", "rbac", "config", "metrics", "exemptions", "version", "completion"} <= {command[0] for command in commands if command}
    for command in commands:
        text = run(*command, "--help").stdout
        if len(command) < 2:
            assert text.index("Examples:") < text.index("Usage:"), command
        assert " ".join(["seaworthy", *command]) in text, command


# Output


def test_data_and_messages_keep_apart(run, tmp_path, snapshot):
    done = run("audit", snapshot(), "-o", "json", "--min-score", "100", status=4)

    json.loads(done.stdout)
    assert done.stderr.startswith("seaworthy: ")


def test_the_same_snapshot_gives_the_same_results_in_every_format(run, snapshot):
    path = snapshot()
    first, second = (json.loads(run("audit", path, "-o", "json").stdout) for _ in range(2))

    assert first["results"] == second["results"]
    assert yaml.safe_load(run("audit", path, "-o", "yaml").stdout)["results"] == first["results"]
    rows = list(csv.reader(run("audit", path, "-o", "csv", "--show", "all").stdout.splitlines(keepends=True)))
    assert len(rows) == len(first["results"]) + 1


def test_one_audit_writes_several_formats(run, snapshot, tmp_path):
    done = run("audit", snapshot(), "-o", "table", "-o", f"json={tmp_path / 'out.json'}", "-o", f"csv={tmp_path / 'out.csv'}")

    assert "shop" in done.stdout
    assert json.loads((tmp_path / "out.json").read_text())["kind"] == "Report"
    assert (tmp_path / "out.csv").read_text().count("\n") > 1


def test_an_output_file_is_written_whole_or_not_at_all(run, snapshot, tmp_path):
    path = snapshot()
    out = tmp_path / "report.json"
    out.write_text("the old one")

    run("audit", tmp_path / "nowhere", "-o", "json", "--output-file", out, status=1)
    assert out.read_text() == "the old one"
    run("audit", path, "-o", "json", "--output-file", tmp_path / "no-folder" / "x", status=1)

    done = run("audit", path, "-o", "json", "--output-file", out)
    assert done.stdout == "" and json.loads(out.read_text())["kind"] == "Report"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report.json", "snapshot.yaml"]


def test_a_full_disk_is_an_error(binary, snapshot):
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(binary), "audit", str(snapshot()), "-o", "json"], stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment(), timeout=60)

    assert done.returncode == 1


def test_a_reader_that_goes_away_ends_the_program_quietly(binary, snapshot):
    process = subprocess.Popen([str(binary), "controls", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
    process.stdout.close()

    assert process.wait(60) in (0, 1)
    assert process.stderr.read() == b""
    process.stderr.close()


def on_a_terminal(binary, *arguments, **environment):
    """What the program writes to a terminal."""
    child, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    process = subprocess.Popen([str(binary), *map(str, arguments)], stdout=terminal, stderr=terminal, stdin=subprocess.DEVNULL,
                               env={**clean_environment(), "TERM": "xterm-256color", "LANG": "C.UTF-8", "NO_COLOR": "", **environment})
    os.close(terminal)
    output = b""
    while True:
        try:
            part = os.read(child, 65536)
        except OSError:
            break
        if not part:
            break
        output += part
    os.close(child)
    assert process.wait(60) == 0, output
    return output


def test_a_terminal_gets_the_worst_results_and_whoever_wants_all_gets_them(binary, run, root):
    cluster = root / "tests/reference/typical"

    def results(text):
        return int(re.search(r"RESULTS\s+(\d+)", re.sub(r"\x1b\[[0-9;]*m", "", text)).group(1))

    everything = results(run("audit", cluster).stdout)
    assert everything > 100
    said = on_a_terminal(binary, "audit", cluster).decode()
    assert results(said) == 30 and f"{everything - 30} more with -o wide" in said
    assert results(on_a_terminal(binary, "audit", cluster, "-o", "wide").decode()) == everything
    assert results(on_a_terminal(binary, "audit", cluster, "--severity", "high,medium").decode()) > 30


def test_colours_are_for_terminals_that_want_them(binary, run, snapshot):
    path = snapshot()

    assert b"\x1b[" in on_a_terminal(binary, "audit", path)
    assert b"\x1b[" not in on_a_terminal(binary, "audit", path, NO_COLOR="1")
    assert b"\x1b[" not in on_a_terminal(binary, "audit", path, TERM="dumb")
    assert b"\x1b[" not in on_a_terminal(binary, "audit", path, "--no-color")
    assert "\x1b[" not in run("audit", path).stdout


def test_standard_input_is_a_dash(run, snapshot):
    text = snapshot().read_text()

    assert json.loads(run("audit", "-", "-o", "json", input=text).stdout)["cluster"]["version"] == "v1.36.3"
    run("config", "validate", "-", input="audit: {interval: 1m}\n")
    assert "standard input:1:9" in run("config", "validate", "-", input="audit: {intervall: 1m}\n", status=2).stderr


def test_a_namespace_and_a_selector_narrow_the_audit(run, tmp_path):
    for name, team in (("shop", "a"), ("blog", "b")):
        (tmp_path / f"{name}.yaml").write_text(f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{team: {team}}}}}\n---\n"
                                               f"apiVersion: v1\nkind: Service\nmetadata: {{name: x, namespace: {name}}}\nspec: {{}}\n")

    def audited(*arguments):
        return [namespace["name"] for namespace in json.loads(run("audit", tmp_path, "-o", "json", *arguments).stdout)["namespaces"]]

    assert audited() == ["blog", "shop"]
    assert audited("-n", "shop") == ["shop"]
    assert audited("-n", "shop", "-A") == ["blog", "shop"]
    assert audited("-l", "team=b") == ["blog"]
    assert audited("-l", "team in (a,b),team!=a") == ["blog"]
    assert "no namespace" in run("audit", tmp_path, "-l", "team=c", status=1).stderr


# The other commands


def test_the_version_is_the_one_of_the_project(run, root):
    version = (root / "VERSION").read_text().strip()

    assert run("version").stdout.startswith(f"seaworthy {version}")
    assert json.loads(run("version", "-o", "json").stdout)["version"] == version


def test_a_check_and_a_control_are_explained(run):
    controls = json.loads(run("controls", "list", "-o", "json").stdout)
    control = next(control for control in controls if control["checks"])
    check = control["checks"][0]

    assert check["title"] in run("controls", "explain", check["id"]).stdout
    page = run("controls", "explain", control["id"]).stdout
    assert all(row["id"] in page for row in control["checks"])
    assert check["id"] in run("controls", "list").stdout


@pytest.mark.parametrize("shell, syntax", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])])
def test_completion_scripts_are_valid_and_know_the_commands(run, tmp_path, shell, syntax):
    script = run("completion", shell).stdout
    assert "--kubeconfig" in script.replace("-l kubeconfig", "--kubeconfig") and "exemptions" in script

    if shutil.which(shell):
        (tmp_path / "script").write_text(script)
        subprocess.run([*syntax, str(tmp_path / "script")], check=True)


def test_bash_completes_commands_and_flags(run, tmp_path):
    (tmp_path / "script").write_text(run("completion", "bash").stdout)

    def complete(*words):
        code = f"source {tmp_path / 'script'}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; compopt() {{ :; }}; _seaworthy; echo \"${{COMPREPLY[*]}}\""
        return subprocess.run(["bash", "-c", code], check=True, capture_output=True, text=True).stdout.split()

    assert complete("seaworthy", "aud") == ["audit"]
    assert complete("seaworthy", "controls", "ex") == ["explain"]
    assert "--fail-on" in complete("seaworthy", "audit", "--fail")


def test_exemptions_are_listed_with_their_state(run, snapshot):
    check = json.loads(run("audit", snapshot(), "-o", "json").stdout)["results"][0]["check"]

    def item(until, **more):
        return {"checks": [check], "reason": "known", "owner": "team-a", "until": until, **more}

    rows = json.loads(run("exemptions", "list", "-o", "json", snapshot(config={"exemptions": {"items": [
        item("2026-11-01"), item("2026-12-01"), item("2027-06-01", namespaces=["nowhere"])]}})).stdout)

    assert [row["state"] for row in rows] == ["expired", "expiring", "unused"]
    assert "expired" in run("exemptions", "list", snapshot(config={"exemptions": [item("2026-11-01")]})).stdout

# SPDX-License-Identifier: Apache-2.0
"""What is written in formats that others have defined, checked by tools that are not ours (scripts/validators.sh)."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from demo import Demo
from processes import clean_environment

# The project has no address yet that an informationUri could name.
TOLERATED = {"SARIF2005"}


@pytest.fixture(scope="session")
def validators():
    found = os.environ.get("SEAWORTHY_VALIDATORS")
    assert found, "SEAWORTHY_VALIDATORS is what scripts/validators.sh prints: run this through `make test`"
    return pathlib.Path(found)


@pytest.fixture(scope="session")
def python(validators):
    """python(*arguments): a finished Python process that finds the tools and, where given, other folders."""

    def run(*arguments, folders=(), status=0):
        path = os.pathsep.join(map(str, [*folders, validators / "python"]))
        done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=300, env={**clean_environment(), "PYTHONPATH": path})
        assert done.returncode == status, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    return run


@pytest.fixture(scope="session")
def description(root):
    return root / "src" / "publish" / "http" / "assets" / "openapi.json"


@pytest.fixture
def written(run, root, tmp_path):
    """written(format): the path of what an audit of the typical reference cluster gave, each verdict of it."""

    def write(form):
        path = tmp_path / f"report.{form}"
        run("audit", root / "tests" / "reference" / "typical", "--show", "all", "-o", f"{form}={path}", "-o", f"json={tmp_path / 'report.json'}")
        return path, json.loads((tmp_path / "report.json").read_text())

    return write


def sarif_problems(validators, path):
    done = subprocess.run([validators / "sarif-multitool", "validate", path, "--rule-kind", "Sarif;Ghas", "--output", f"{path}.validated", "--log", "ForceOverwrite"],
                          capture_output=True, text=True, timeout=300)
    found = re.findall(r": (?:error|warning|note) (\w+): (.*)", done.stdout)
    assert "Analysis completed" in done.stdout, done.stdout[-2000:] + done.stderr[-2000:]
    return [problem for problem in found if problem[0] not in TOLERATED]


def test_sarif_passes_microsofts_multitool(written, validators):
    path, report = written("sarif")

    assert sarif_problems(validators, path) == []
    assert len(json.loads(path.read_text())["runs"][0]["results"]) > 100

    broken = json.loads(path.read_text())
    broken["runs"][0]["results"][0]["ruleIndex"] = 100_000
    path.write_text(json.dumps(broken))
    assert sarif_problems(validators, path), "the tool sees nothing"


def test_junit_is_read_by_junitparser(written, python):
    path, report = written("junit")
    script = ("import json, sys, junitparser; x = junitparser.JUnitXml.fromfile(sys.argv[1]);"
              "print(json.dumps([x.tests, x.failures, x.errors, x.skipped, sum(len(list(s)) for s in x), sorted(s.name for s in x)]))")

    tests, failures, errors, skipped, cases, suites = json.loads(python("-c", script, path).stdout)

    assert tests == cases > 0 and errors == 0 and 0 < failures < tests and skipped < tests
    assert {f"namespace {namespace['name']}" for namespace in report["namespaces"]} <= set(suites)


def test_openapi_is_valid(python, description, tmp_path):
    python("-m", "openapi_spec_validator", description)

    broken = json.loads(description.read_text())
    del broken["info"]["version"]
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    assert "version" in python("-m", "openapi_spec_validator", tmp_path / "broken.json", status=1).stdout


def test_a_generated_client_reads_everything(binary, python, description, tmp_path):
    (tmp_path / "generator.yaml").write_text("post_hooks: []\n")
    python("-m", "openapi_python_client", "generate", "--path", description, "--output-path", tmp_path / "client", "--meta", "none", "--config", tmp_path / "generator.yaml")
    with Demo(binary, tmp_path) as url:
        found = json.loads(python(pathlib.Path(__file__).parent / "use_client.py", url, folders=[tmp_path]).stdout)

    assert len(found["controls"]) == 19 and found["control"] == "rbac"
    assert found["namespace"] in found["namespaces"] and found["findings"] > 300
    assert found["problem"] == [404, "Not Found"]

# SPDX-License-Identifier: Apache-2.0
"""Two whole clusters, tests/reference: one where everything is done right, one as they are met. Here every check meets all the others."""
import base64
import collections
import json
import re

import pytest
import yaml

FINDINGS = ("warn", "fail", "unknown")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| `([^`]+)` \| (warn|fail|unknown) \| (.+) \|$")

# Where `typical` holds secrets that somebody left: object, path to the value, and the part of the value that is the secret.
PLANTED = {
    "variable": ("Deployment", "api", ("spec", "template", "spec", "containers", 0, "env", 0, "value"), ".+"),
    "argument": ("Deployment", "api", ("spec", "template", "spec", "containers", 0, "args", 1), r"(?<=//shop:)[^@]+(?=@)"),
    "annotation": ("Deployment", "web", ("metadata", "annotations", "ci.shop.example/trigger"), ".+"),
    "ConfigMap": ("ConfigMap", "settings", ("data", "deploy-key"), ".+"),
    "Secret": ("Secret", "stripe", ("data", "key"), ".+"),
    "Application": ("Application", "shop", ("spec", "source", "helm", "parameters", 0, "value"), ".+"),
}


@pytest.fixture(scope="module")
def reference(root):
    return root / "tests" / "reference"


@pytest.fixture(scope="module")
def report_of(run, reference):
    """report_of(cluster): its audit, once."""
    reports = {}

    def report(cluster):
        if cluster not in reports:
            reports[cluster] = json.loads(run("audit", reference / cluster, "-o", "json").stdout)
        return reports[cluster]

    return report


def name_of(result):
    """`namespace/Kind/name`, with `-` for what is empty."""
    key = result["object"]
    return "/".join(part or "-" for part in (key["namespace"], key["kind"], key["name"]))


def findings(report):
    return collections.Counter((r["check"], name_of(r), r["status"]) for r in report["results"] if r["status"] in FINDINGS)


def documents(folder):
    for path in sorted(folder.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            yield path, document


def test_the_exemplary_cluster_has_no_finding(report_of):
    report = report_of("exemplary")
    assert sorted(findings(report)) == []
    assert report["score"] == 100
    assert report["coverage"] >= 95


def test_the_exemplary_cluster_gives_each_control_something_to_pass(report_of):
    report = report_of("exemplary")
    assert len(report["controls"]) == 19
    assert {c["id"]: (c["status"], c["score"]) for c in report["controls"]} == {c["id"]: ("pass", 100) for c in report["controls"]}


def test_the_table_of_the_typical_cluster_is_what_an_audit_finds(report_of, reference):
    text = (reference / "typical" / "README.md").read_text(encoding="utf-8")
    rows = [match.groups() for match in map(ROW.match, text.splitlines()) if match]
    assert len(rows) == sum(line.startswith("| `") for line in text.splitlines()), "a row of the table is written differently"
    told, found = collections.Counter((check, name, status) for check, name, status, _ in rows), findings(report_of("typical"))
    assert sorted((found - told).elements()) == [], "found, and not in the README"
    assert sorted((told - found).elements()) == [], "in the README, and not found"
    for check, name, _, why in rows:
        assert len(why.split()) > 4 and why.endswith("."), f"{check} on {name} is not argued"


def planted(reference):
    """Each secret, and what of the manifest it stands in as text (base64 in a Secret)."""
    found = {}
    for _, document in documents(reference / "typical"):
        for place, (kind, name, path, pattern) in PLANTED.items():
            if document["kind"] != kind or document["metadata"]["name"] != name:
                continue
            value = document
            for step in path:
                value = value[step]
            if kind == "Secret":
                value = base64.b64decode(value).decode()
            found[place] = re.search(pattern, value).group(0)
    assert found.keys() == PLANTED.keys(), "a planted secret is gone"
    return found


def formats(run):
    listed = re.search(r"Format: ([a-z, ]+?); FORMAT=FILE", " ".join(run("audit", "--help").stdout.split()))
    return [name.strip() for name in listed.group(1).split(",")]


def pieces(secret):
    """Ten characters in a row are more than chance: a part of a secret is a leak as well."""
    length = min(10, len(secret))
    return {secret[at:at + length] for at in range(len(secret) - length + 1)}


def test_no_format_shows_a_planted_secret(run, reference):
    assert {"table", "wide", "json", "yaml", "csv", "prometheus"} <= set(formats(run))
    secrets = planted(reference)
    for form in formats(run):
        done = run("audit", reference / "typical", "-o", form, "--show", "all")
        said = done.stdout + done.stderr
        assert len(said) > 2000, f"{form} shows nothing"
        for place, secret in secrets.items():
            coded = base64.b64encode(secret.encode()).decode()
            leaks = [part for part in pieces(secret) | pieces(coded) if part in said]
            assert not leaks, f"{form} shows part of the {place}'s secret"


@pytest.mark.parametrize("cluster", ["exemplary", "typical"])
def test_a_reference_cluster_holds_each_object_once(reference, cluster):
    seen = collections.Counter()
    for path, document in documents(reference / cluster):
        if document["kind"] != "Snapshot":
            seen[(document["apiVersion"], document["kind"], document["metadata"].get("namespace"), document["metadata"]["name"])] += 1
    assert [key for key, times in seen.items() if times > 1] == []

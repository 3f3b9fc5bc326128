# SPDX-License-Identifier: Apache-2.0
"""What somebody left in the objects of a cluster is judged and shown nowhere: not in a report, not in the page, API, metrics, events, state, snapshots or logs."""
import base64
import collections
import json
import re

import pytest
import yaml
from conftest import ReplayServer, write_kubeconfig

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the other takes ten times as long

# Where `typical` holds secrets that somebody left: object, path to the value, and the part of the value that is the secret.
PLANTED = {
    "variable": ("Deployment", "api", ("spec", "template", "spec", "containers", 0, "env", 0, "value"), ".+"),
    "argument": ("Deployment", "api", ("spec", "template", "spec", "containers", 0, "args", 1), r"(?<=//shop:)[^@]+(?=@)"),
    "annotation": ("Deployment", "web", ("metadata", "annotations", "ci.shop.example/trigger"), ".+"),
    "ConfigMap": ("ConfigMap", "settings", ("data", "deploy-key"), ".+"),
    "Secret": ("Secret", "stripe", ("data", "key"), ".+"),
    "Application": ("Application", "shop", ("spec", "source", "helm", "parameters", 0, "value"), ".+"),
}
ALL_GRANTS = {"kubernetes": {"grants": ["CM", "CMA", "SE", "ME"]}}


@pytest.fixture(scope="module")
def typical(root):
    return root / "tests" / "reference" / "typical"


@pytest.fixture(scope="module")
def planted(typical):
    """Each secret, and what of the manifest it stands in as text (base64 in a Secret)."""
    found = {}
    for path in sorted(typical.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=LOADER):
            for place, (kind, name, steps, pattern) in PLANTED.items():
                if document["kind"] != kind or document["metadata"]["name"] != name:
                    continue
                value = document
                for step in steps:
                    value = value[step]
                if kind == "Secret":
                    value = base64.b64decode(value).decode()
                found[place] = re.search(pattern, value).group(0)
    assert found.keys() == PLANTED.keys(), "a planted secret is gone"
    return found


def pieces(secret):
    """Ten characters in a row are more than chance: a part of a secret is a leak as well."""
    length = min(10, len(secret))
    return {secret[at:at + length] for at in range(len(secret) - length + 1)}


@pytest.fixture(scope="module")
def shows_nothing(planted):
    """shows_nothing(where, text or bytes): fails if any part of a planted secret is in it."""
    parts = {place: [part.encode() for part in pieces(secret) | pieces(base64.b64encode(secret.encode()).decode())] for place, secret in planted.items()}

    def check(where, said):
        said = said if isinstance(said, bytes) else said.encode()
        for place, wanted in parts.items():
            assert not [part for part in wanted if part in said], f"{where} shows part of the {place}'s secret"

    return check


def formats(run):
    listed = re.search(r"Format: ([a-z, ]+?); FORMAT=FILE", " ".join(run("audit", "--help").stdout.split()))
    return [name.strip() for name in listed.group(1).split(",")]


@pytest.fixture
def live(binary, typical, tmp_path):
    """The same cluster behind an API server: a kubeconfig for it, and the server."""
    server = ReplayServer(binary.parent / "tests" / "replay_server", typical)
    yield server, write_kubeconfig(tmp_path / "kubeconfig", server.url)
    server.stop()


def test_the_search_finds_a_planted_secret(shows_nothing, planted, typical):
    """A search that finds nothing anywhere would prove nothing."""
    shows_nothing("an empty text", "")
    for secret in planted.values():
        with pytest.raises(AssertionError):
            shows_nothing("a text", f"… {secret} …")
    with pytest.raises(AssertionError):
        shows_nothing("the cluster itself", (typical / "shop.yaml").read_bytes())


def test_no_format_shows_a_planted_secret(run, typical, shows_nothing):
    assert {"table", "wide", "json", "yaml", "csv", "prometheus"} <= set(formats(run))
    for form in formats(run):
        done = run("audit", typical, "-o", form, "--show", "all")
        assert len(done.stdout) > 2000, f"{form} shows nothing"
        shows_nothing(form, done.stdout + done.stderr)


def files_of(folder):
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_a_capture_holds_no_planted_secret(run, live, tmp_path, shows_nothing):
    _, kubeconfig = live
    settings = tmp_path / "seaworthy.yaml"
    settings.write_text(yaml.safe_dump(ALL_GRANTS))

    done = run("capture", "--config", settings, "--kubeconfig", kubeconfig, "--directory", tmp_path / "snapshot")

    saved = files_of(tmp_path / "snapshot")
    assert len(saved) > 10 and any("stripe" in path.read_text() for path in saved), "the snapshot has no Secret"
    shows_nothing("the terminal", done.stdout + done.stderr)
    for path in saved:
        shows_nothing(path.name, path.read_bytes())


def links_of(page):
    return re.findall(r'href="(/[^"#]*)', page.replace("&amp;", "&"))


def shape_of(link):
    """Of pages that differ in one name or filter a few are enough."""
    path, _, query = link.partition("?")
    return path.split("/")[1], tuple(sorted(pair.split("=")[0] for pair in query.split("&")))


def test_nothing_that_the_daemon_says_holds_a_planted_secret(live, daemon, tmp_path, eventually, shows_nothing):
    server, kubeconfig = live
    events, state = tmp_path / "events.jsonl", tmp_path / "state"
    state.mkdir()
    one = daemon(kubeconfig, {
        **ALL_GRANTS, "audit": {"interval": "1h"}, "log": {"level": "debug"}, "metrics": {"detail": "findings"},
        "spool": {"path": str(state / "state.db"), "maxBytes": "16MiB"}, "events": {"baseline": "emit", "settle": "0s"},
        "sinks": [{"name": "file", "type": "file", "path": str(events), "batch": {"linger": "0s"}}]})
    eventually(lambda: events.exists() and "audit_completed" in events.read_text(), what="the first audit's events")
    asked = {request["target"].split("?")[0] for request in server.requests()}
    assert {"/api/v1/configmaps"} <= asked and any(target.endswith("/secrets") for target in asked), "Secrets and ConfigMaps were not read"

    # Every page that a reader can reach, and every part of the API.
    shapes = collections.Counter()
    seen, waiting = set(), {"/", "/metrics", "/openapi.json", *("/api/v1/" + part for part in (
        "report", "namespaces", "namespaces/shop", "controls", "controls/secrets", "findings?limit=1000", "tenants", "exemptions", "status"))}
    while waiting:
        target = waiting.pop()
        seen.add(target)
        status, text = one.get(target)
        assert status == 200, (target, status, text[:200])
        shows_nothing(target, text)
        if text.startswith("<!doctype html>") or text.startswith("<!DOCTYPE html>"):
            for link in links_of(text):
                if link not in seen | waiting and shapes[shape_of(link)] < 12:
                    shapes[shape_of(link)] += 1
                    waiting.add(link)
    assert len(seen) > 40, sorted(seen)

    report = json.loads(one.get("/api/v1/report")[1])
    found = {result["check"] for result in report["results"] if result["status"] in ("warn", "fail")}
    assert {"secret-literal-env", "secret-literal-args", "secret-in-configmap"} <= found, "the daemon did not see the secrets"
    shows_nothing("the events", events.read_bytes())
    for path in files_of(state):
        shows_nothing(path.name, path.read_bytes())
    shows_nothing("the log", one.log.read_bytes())

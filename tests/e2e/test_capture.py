# SPDX-License-Identifier: Apache-2.0
"""A capture is the audit's evidence: judged again, it gives the same bytes."""
import datetime
import json


def results_text(report_text):
    """The bytes of `results` as they stand in the report."""
    start = report_text.index('"results":')
    value, end = json.JSONDecoder().raw_decode(report_text, report_text.index("[", start))
    assert value, "a report without results proves nothing"
    return report_text[start:end]


def differing_results(one, other):
    """Results that only one of the reports has, for a readable failure."""
    one, other = ([json.dumps(result, sort_keys=True) for result in json.loads(text)["results"]] for text in (one, other))
    return sorted(set(one) ^ set(other))[:10]


def test_a_capture_is_judged_as_the_live_cluster_was_byte_for_byte(control_plane, stage, fleet, run, young, tmp_path):
    stage.load(fleet)
    kubeconfig = control_plane.admin_kubeconfig()

    live = run("audit", "--kubeconfig", kubeconfig, "--config", young, "-o", "json").stdout
    run("capture", "--kubeconfig", kubeconfig, "--config", young, "-d", tmp_path / "snapshot")
    again = run("audit", tmp_path / "snapshot", "--config", young, "-o", "json").stdout

    assert differing_results(again, live) == []
    assert results_text(again) == results_text(live)
    for part in ("score", "scoreWithExemptions", "coverage", "counts", "controls", "namespaces", "tenants", "gaps", "cluster"):
        assert json.loads(again)[part] == json.loads(live)[part], part


def test_a_capture_with_the_optional_grants_is_judged_as_the_live_cluster_was(control_plane, stage, fleet, run, tmp_path):
    stage.load(fleet)
    today = datetime.date.today().isoformat()
    stage.load([{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                 "metadata": {"name": f"web-token-{name}", "namespace": "shop", "annotations": {"kubernetes.io/service-account.name": "web"},
                              "labels": labels}} for name, labels in (("used", {"kubernetes.io/legacy-token-last-used": today}), ("idle", {}))])
    config = tmp_path / "seaworthy.yaml"
    config.write_text("audit: {minAge: 0s}\nkubernetes: {grants: [SE, CM, CMA]}\n")
    kubeconfig = control_plane.admin_kubeconfig()

    live = run("audit", "--kubeconfig", kubeconfig, "--config", config, "-o", "json").stdout
    run("capture", "--kubeconfig", kubeconfig, "--config", config, "-d", tmp_path / "snapshot")
    again = run("audit", tmp_path / "snapshot", "--config", config, "-o", "json").stdout

    assert differing_results(again, live) == []
    assert "web-token-idle" in live


def test_a_capture_holds_no_secret_value(control_plane, stage, fleet, run, tmp_path, admin):
    stage.load(fleet)
    marker = "dGhlLXZhbHVlLXRoYXQtbXVzdC1ub3QtYmUtcmVhZA=="
    stage.load([{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "marked", "namespace": "shop"}, "data": {"key": marker}},
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "marked", "namespace": "shop"}, "data": {"key": marker}}])
    config = tmp_path / "seaworthy.yaml"
    config.write_text("kubernetes: {grants: [SE, CM]}\n")

    run("capture", "--kubeconfig", control_plane.admin_kubeconfig(), "--config", config, "-d", tmp_path / "snapshot")

    text = "".join(path.read_text() for path in (tmp_path / "snapshot").rglob("*") if path.is_file())
    assert "marked" in text, "the Secret's name is part of the evidence"
    assert marker not in text and "the-value-that-must-not-be-read" not in text

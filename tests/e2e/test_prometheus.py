# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus scrapes the daemon; what PromQL says is what the report says."""
import math
import subprocess

import pytest
from prometheus import Prometheus


@pytest.fixture
def scraped(daemon, control_plane, stage, fleet, tmp_path, eventually):
    """(prometheus, daemon) with the fleet staged and at least one scrape done."""
    stage.load(fleet)
    one = daemon(control_plane.admin_kubeconfig(), {"audit": {"interval": "2s", "minAge": "0s"}})
    prometheus = Prometheus(tmp_path, [f"127.0.0.1:{one.main}"])
    try:
        eventually(lambda: prometheus.query('seaworthy_namespace_score_ratio{namespace="shop"}'), 60, "a first scrape")
        yield prometheus, one
    finally:
        prometheus.stop()


def ratios(pairs):
    return {key: score / 100 for key, score in pairs if score is not None}


def same(promql, report):
    assert set(promql) == set(report), f"only in Prometheus: {set(promql) - set(report)}; only in the report: {set(report) - set(promql)}"
    differing = {key: (promql[key], report[key]) for key in report if not math.isclose(promql[key], report[key], abs_tol=1e-6)}
    assert not differing


def test_promql_returns_the_numbers_of_the_report(scraped, audit, control_plane):
    prometheus, _ = scraped
    report = audit(control_plane.admin_kubeconfig())
    namespaces = {namespace["name"]: namespace for namespace in report["namespaces"]}

    same(prometheus.by("seaworthy_namespace_score_ratio", "namespace"), ratios(((name,), item["score"]) for name, item in namespaces.items()))
    same(prometheus.by("seaworthy_namespace_coverage_ratio", "namespace"), ratios(((name,), item["coverage"]) for name, item in namespaces.items()))
    same(prometheus.by("seaworthy_namespace_points", "namespace"), {(name,): item["points"] for name, item in namespaces.items()})
    same(prometheus.by("seaworthy_namespace_points_possible", "namespace"), {(name,): item["pointsPossible"] for name, item in namespaces.items()})
    same(prometheus.by("seaworthy_namespace_control_score_ratio", "namespace", "control"),
         ratios(((name, control["id"]), control["score"]) for name, item in namespaces.items() for control in item["controls"]))
    same(prometheus.by("seaworthy_namespace_control_status", "namespace", "control", "status"),
         {(name, control["id"], control["status"]): 1 for name, item in namespaces.items() for control in item["controls"]})
    same(prometheus.by("seaworthy_namespace_info", "namespace", "class"), {(name, item["class"]): 1 for name, item in namespaces.items()})
    same(prometheus.by("seaworthy_cluster_score_ratio"), ratios([((), report["score"])]))
    same(prometheus.by("seaworthy_cluster_coverage_ratio"), ratios([((), report["coverage"])]))
    same(prometheus.by("seaworthy_cluster_control_score_ratio", "control"), ratios(((control["id"],), control["score"]) for control in report["controls"]))
    same(prometheus.by("seaworthy_cluster_control_status", "control", "status"), {(control["id"], control["status"]): 1 for control in report["controls"]})


def test_promql_counts_the_findings_of_the_report_zeros_included(scraped, audit, control_plane):
    prometheus, _ = scraped
    report = audit(control_plane.admin_kubeconfig(), "--show", "all")
    counted = {(namespace["name"], severity): 0 for namespace in report["namespaces"] for severity in ("critical", "high", "medium", "low", "info")}
    for result in report["results"]:
        if result["status"] in ("warn", "fail") and result["namespace"] and not result["exemption"]:
            counted[result["namespace"], result["severity"]] += 1

    same(prometheus.by("seaworthy_namespace_findings", "namespace", "severity"), counted)
    assert any(counted.values()), "a fleet without findings proves nothing"


def test_the_label_namespace_survives_a_target_label_of_the_same_name(scraped):
    prometheus, _ = scraped

    assert not prometheus.query('{__name__=~"seaworthy_namespace_.*",exported_namespace!=""}')
    assert prometheus.query('seaworthy_namespace_score_ratio{namespace="legacy"}')


def test_the_series_of_a_deleted_namespace_are_gone_one_scrape_later(scraped, admin, eventually):
    prometheus, daemon = scraped
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ephemeral"}})
    eventually(lambda: prometheus.query('seaworthy_namespace_score_ratio{namespace="ephemeral"}'), 60, "series of the new namespace")

    admin.delete_namespace("ephemeral")
    eventually(lambda: not [name for name in daemon.metrics() if 'namespace="ephemeral"' in name], 60, "a report without the namespace")
    [(_, published)] = prometheus.query("vector(time())")
    eventually(lambda: [row for row in prometheus.query("timestamp(up)") if row[1] > published], 10, "the next scrape")

    assert not prometheus.query('{namespace="ephemeral"}')


def test_every_scrape_is_valid_for_promtool_and_none_fails(scraped, eventually):
    prometheus, daemon = scraped
    checked = subprocess.run(["promtool", "check", "metrics"], input=daemon.get("/metrics")[1], text=True, capture_output=True)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    eventually(lambda: prometheus.query("sum_over_time(up[1m])")[0][1] >= 3, what="a third scrape")
    assert prometheus.query("min_over_time(up[1m])")[0][1] == 1

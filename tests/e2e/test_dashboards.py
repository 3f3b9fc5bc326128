# SPDX-License-Identifier: Apache-2.0
"""Every query of every Grafana board, on a real Prometheus that scrapes a daemon that audits a real control plane: none is refused, none is empty."""
import itertools
import json
import math
import re

import pytest
import yaml
from processes import Daemon, free_port
from prometheus import TARGET_NAMESPACE, Prometheus
from staging import Stage

# What Grafana puts in for the variables of a board; "All" is a variable's allValue.
CHOSEN = {"cluster": ".*", "job": ".+", "instance": ".+", "control": "network-policies", "__rate_interval": "15s"}

# Metrics without series here, and why. The test fails where one has some after all.
NOTHING_LOST = "no event is lost in a minute"
EMPTY = {
    "seaworthy_sink_events_dropped_total": NOTHING_LOST,
}


@pytest.fixture(scope="module")
def boards(root):
    return {path.stem: json.loads(path.read_text()) for path in (root / "dashboards").glob("*.json")}


@pytest.fixture(scope="module")
def prometheus(binary, control_plane, fleet, tmp_path_factory, eventually):
    """Two daemons: one with everything on that audits the fleet, and one whose API server does not answer."""
    folder = tmp_path_factory.mktemp("dashboards")
    closed = free_port()
    everything = {"audit": {"interval": "2s", "minAge": "0s"}, "metrics": {"detail": "findings"}, "namespaces": {"groupByLabel": "kubernetes.io/metadata.name"},
                  "spool": {"path": str(folder / "state.db")},
                  "sinks": [{"name": "file", "type": "file", "path": str(folder / "events.jsonl"), "batch": {"linger": "0s"}},
                            {"name": "down", "type": "webhook", "url": f"http://127.0.0.1:{closed}/", "allowPlaintext": True, "batch": {"linger": "0s"}}]}
    stage = Stage(control_plane.admin)
    running = []
    try:
        stage.load(fleet)
        for name, kubeconfig, config in (("auditing", control_plane.admin_kubeconfig(), everything),
                                         ("alone", control_plane.kubeconfig(folder / "nobody.kubeconfig", {"token": "x"}, server=f"https://127.0.0.1:{closed}"),
                                          {"audit": {"interval": "2s"}})):
            (folder / name).mkdir()
            running.append(Daemon(binary, folder / name, kubeconfig, config))
        eventually(running[0].ready, 60, "a first report")
        eventually(running[1].live, 60, "the other daemon")
        running.append(Prometheus(folder, [f"127.0.0.1:{daemon.main}" for daemon in running], {"cluster": "e2e"}))
        yield running[-1]
    finally:
        for one in reversed(running):
            one.stop()
        stage.clear()


def filled_in(query, single_namespace):
    values = {**CHOSEN, "namespace": "shop" if single_namespace else ".+"}
    return re.sub(r"\$(\w+)", lambda name: values[name[1]], query)


def answered(prometheus, query, table):
    """Whether there is a number in the answer. Tables ask for a moment, other panels for a time."""
    if table:
        rows = [[row["value"]] for row in prometheus.get("query", query=query)["result"]]
    else:
        now = float(prometheus.get("query", query="time()")["result"][1])
        rows = [row["values"] for row in prometheus.get("query_range", query=query, start=now - 60, end=now, step=5)["result"]]
    return any(math.isfinite(float(value)) for _, value in itertools.chain.from_iterable(rows))


def test_every_query_of_every_board_has_an_answer(prometheus, boards, eventually):
    waiting = {}
    for name, board in boards.items():
        single = any(variable["name"] == "namespace" and not variable["multi"] for variable in board["templating"]["list"])
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if not any(metric in target["expr"] for metric in EMPTY):
                    waiting[f"{name}: {panel['title']} {target['refId']}"] = (filled_in(target["expr"], single), target.get("format") == "table")
    assert len(waiting) > 60

    def none_waits():
        for title, (query, table) in list(waiting.items()):
            if answered(prometheus, query, table):
                del waiting[title]
        return not waiting

    try:
        eventually(none_waits, 60, "an answer to every query", every=1)
    finally:
        for title, (query, _) in waiting.items():
            print(f"no answer: {title}: {query}")
    assert not {metric: reason for metric, reason in EMPTY.items() if prometheus.query(metric)}, "these have series now: their queries are to be tried too"


def test_every_variable_of_every_board_has_values(prometheus, boards, eventually):
    for name, board in boards.items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
                values = eventually(lambda: prometheus.get(f"label/{label}/values", **{"match[]": filled_in(selector, False)}), 30, f"values of {name}: {variable['name']}")
                if label == "namespace":
                    assert {"shop", "legacy"} <= set(values) and TARGET_NAMESPACE not in values, "of the judged namespaces, not of the target"


def test_two_daemons_give_the_fleet_one_score(prometheus, boards, eventually):
    stat = next(panel for panel in boards["fleet"]["panels"] if panel["title"] == "Cluster score")
    rows = eventually(lambda: prometheus.query(filled_in(stat["targets"][0]["expr"], False)), 30, "a score")
    assert len(rows) == 1 and 0 <= rows[0][1] <= 1


def test_every_rule_can_be_evaluated_and_records_what_it_says(prometheus, root, eventually):
    """Recorded series of the rules that are about numbers which a daemon always has."""
    rules = [rule for path in ("rules.yaml", "optional-rules.yaml") for group in yaml.safe_load((root / "deploy/prometheus" / path).read_text())["groups"] for rule in group["rules"]]
    for rule in rules:
        if "record" in rule:
            assert eventually(lambda: prometheus.query(rule["expr"]), 30, rule["record"])
        else:
            prometheus.query(rule["expr"])

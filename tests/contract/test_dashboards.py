# SPDX-License-Identifier: Apache-2.0
"""Boards that Grafana loads from files: the rules of Grafana's own dashboard linter, and that every metric and link exists.

That the files are what scripts/dashboards.py makes is tested with the other generated files, and each query against a real Prometheus in tests/e2e.
"""
import json
import re
import subprocess

import pytest

SELECTOR = re.compile(r"\b((?:seaworthy|process)_[a-z_]+)\{([^}]*)\}")
BARE = re.compile(r"\b(?:seaworthy|process)_[a-z_]+\b(?!\{)")
# Of Grafana's list of units, those that a board of ours may use.
UNITS = {"short", "percentunit", "s", "bytes", "dateTimeFromNow", "reqps", "cps"}
# A leader that moves changes the instance: only the daemon's own board is about instances.
WITHOUT_INSTANCE = ("seaworthy-fleet", "seaworthy-namespace", "seaworthy-control")


@pytest.fixture(scope="module")
def boards(root):
    found = {path.stem: json.loads(path.read_text()) for path in (root / "dashboards").glob("*.json")}
    assert {"fleet", "namespace", "control", "daemon"} <= set(found)
    return found


@pytest.fixture(scope="module")
def metrics(binary):
    listed = subprocess.run([str(binary), "metrics", "list", "-o", "json"], check=True, capture_output=True, text=True, timeout=60)
    return {row["name"]: row for row in json.loads(listed.stdout)}


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def targets(boards):
    return [(f"{name}: {panel['title']}", target["expr"]) for name, board in boards.items() for panel in panels(board) for target in panel["targets"]]


def variables(board):
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def test_every_board_can_be_provisioned_and_found_again(boards):
    for name, board in boards.items():
        assert board["uid"] == f"seaworthy-{name}" and len(board["uid"]) <= 40
        assert board["id"] is None and board["editable"] is False and board["schemaVersion"] >= 39, name
        assert "__inputs" not in board and "__requires" not in board, f"{name}: only an import by hand fills these in"
        assert {"seaworthy", "seaworthy-mixin"} <= set(board["tags"]) and board["title"].startswith("Seaworthy / ") and board["description"], name
        assert re.fullmatch(r"\d+[mh]", board["refresh"]), f"{name}: refreshed more often than metrics change"
        assert len(json.dumps(board)) < 900 * 1024, "a ConfigMap holds 1 MiB"


def test_the_data_source_is_a_variable_and_never_a_uid(boards):
    for name, board in boards.items():
        source = variables(board)["datasource"]
        assert (source["type"], source["query"], source["label"]) == ("datasource", "prometheus", "Data source"), name
        for holder in [*panels(board), *(target for panel in panels(board) for target in panel["targets"])]:
            assert holder["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, name


def test_cluster_job_and_instance_are_variables(boards):
    for name, board in boards.items():
        wanted = {"cluster": "Cluster", "job": "Job"} | ({} if board["uid"] in WITHOUT_INSTANCE else {"instance": "Instance"})
        for variable, label in wanted.items():
            found = variables(board)[variable]
            assert (found["type"], found["label"], found["multi"], found["includeAll"]) == ("query", label, True, True), f"{name}: {variable}"
            assert found["allValue"] == (".*" if variable == "cluster" else ".+"), f"{name}: {variable}"


def test_every_query_variable_asks_for_labels_again_when_the_time_changes(boards, metrics):
    for name, board in boards.items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                assert variable["refresh"] == 2 and variable["datasource"]["uid"] == "${datasource}", f"{name}: {variable['name']}"
                asked = re.fullmatch(r"label_values\((\w+)(?:\{[^}]*\})?, (\w+)\)", variable["query"]["query"])
                assert asked, f"{name}: {variable['name']}"
                known = set(metrics[asked[1]]["labels"]) | {"cluster", "job", "instance"}
                assert asked[2] in known, f"{name}: {variable['name']}: {asked[1]} has no label {asked[2]}"


def test_every_selector_chooses_by_cluster_and_job_and_on_the_daemons_board_by_instance(boards):
    for name, board in boards.items():
        wanted = ["cluster", "job"] + ([] if board["uid"] in WITHOUT_INSTANCE else ["instance"])
        for title, query in targets({name: board}):
            assert SELECTOR.search(query) and not BARE.search(query), f"{title}: {query}"
            for metric, chosen in SELECTOR.findall(query):
                assert all(f'{label}=~"${label}"' in chosen for label in wanted), f"{title}: {metric}{{{chosen}}}"


def test_every_panel_has_a_title_a_description_a_unit_and_a_query(boards):
    for name, board in boards.items():
        for panel in panels(board):
            assert panel["title"] and panel["description"].endswith("."), f"{name}: {panel['title']}"
            assert panel["targets"], f"{name}: {panel['title']}"
            assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, f"{name}: {panel['title']}"
        titles = [panel["title"] for panel in panels(board)]
        identifiers = [panel["id"] for panel in board["panels"]]
        assert len(set(identifiers)) == len(identifiers), name
        assert len(set(titles)) == len(titles), f"{name}: titles that occur twice"


def test_a_panel_lies_within_the_board_and_over_no_other(boards):
    for name, board in boards.items():
        taken = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            assert max(x for x, _ in cells) < 24, f"{name}: {panel['title']}"
            assert not cells & taken, f"{name}: {panel['title']}"
            taken |= cells


def test_rates_go_by_grafanas_interval_and_over_counters_only(boards, metrics):
    for title, query in targets(boards):
        for function, metric, interval in re.findall(r"\b(rate|irate|increase|delta|deriv)\((\w+)\{[^}]*\}\[([^\]]*)\]", query):
            assert interval == "$__rate_interval", f"{title}: {query}"
            assert metrics[re.sub(r"_bucket$", "", metric)]["type"] in ("counter", "histogram"), f"{title}: {function} of {metric}"
        for metric, _ in SELECTOR.findall(query):
            if metric.endswith(("_total", "_bucket")):
                assert re.search(rf"\b(?:rate|increase)\({metric}\{{", query), f"{title}: {metric} only grows"


def test_every_query_is_valid_for_promtool(boards, tmp_path):
    recorded = []
    for number, (_, query) in enumerate(targets(boards)):
        plain = re.sub(r"\$\{?\w+\}?", "x", query.replace("$__rate_interval", "5m"))
        recorded.append({"record": f"board:query_{number}:x", "expr": plain})
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "boards", "rules": recorded}]}))
    checked = subprocess.run(["promtool", "check", "rules", str(tmp_path / "rules.json")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(recorded)} rules found" in checked.stdout


def test_every_query_is_aggregated_so_that_two_replicas_are_not_counted_twice(boards):
    for title, query in targets(boards):
        for metric, _ in SELECTOR.findall(query):
            assert re.search(rf"\b(?:sum|max|min|count)(?: by \([^)]*\))? ?\((?:rate\(|increase\()?{metric}\{{", query), f"{title}: {metric}"


def test_every_metric_of_a_board_exists_with_its_labels_and_every_metric_has_a_board(boards, metrics):
    used = set()
    for title, query in targets(boards):
        for metric, chosen in SELECTOR.findall(query):
            row = metrics[re.sub(r"_bucket$", "", metric)]
            used.add(row["name"])
            labels = set(re.findall(r"(\w+)(?:=~|=|!=|!~)", chosen)) - {"cluster", "job", "instance"}
            assert labels <= set(row["labels"]), f"{title}: {metric} has no {labels - set(row['labels'])}"
            for label, value in re.findall(r'(\w+)="([^"$]+)"', chosen):
                assert not row["values"].get(label) or value in row["values"][label], f"{title}: {label} is never {value}"
    assert used == set(metrics)


def test_every_link_to_a_board_leads_to_one_of_ours_and_passes_variables_that_it_has(boards):
    by_uid = {board["uid"]: board for board in boards.values()}
    followed = 0
    for name, board in boards.items():
        for uid, query in re.findall(r"/d/([\w-]+)\?([^\"]*)", json.dumps(board).replace('\\"', "'")):
            followed += 1
            assert uid in by_uid, f"{name}: {uid}"
            passed = set(re.findall(r"\$\{(\w+):queryparam\}", query)) | set(re.findall(r"var-(\w+)=", query))
            assert passed <= set(variables(by_uid[uid])), f"{name}: {uid} has no variable {passed - set(variables(by_uid[uid]))}"
            assert {"datasource", "cluster", "job"} <= passed, f"{name}: the link to {uid} forgets what was chosen"
    assert followed >= 5

# SPDX-License-Identifier: Apache-2.0
"""The Elasticsearch sink against a node of OpenSearch that is set up as docs/siem/elasticsearch.md says, and searched as it says."""
import json
import pathlib
import re
import shutil

import pytest
from java_receivers import OpenSearch
from siem import HOSTILE, code, everything_for, http_sink, pod, uid

PAGE = (pathlib.Path(__file__).parents[2] / "docs" / "siem" / "elasticsearch.md").read_text()


def request_of_page(first_line):
    """The body of the request on the page that begins so."""
    [text] = re.findall(rf"^ *{re.escape(first_line)}\n(.*?)^ *```$", PAGE, re.M | re.S)
    return json.loads(text)


@pytest.fixture
def node(started, receiver_programs, tmp_path):
    """With the index template of the page, in OpenSearch's words."""
    one = started(OpenSearch(tmp_path, receiver_programs.opensearch / "home"))
    template = request_of_page("PUT _index_template/logs-seaworthy")
    assert template["template"]["mappings"]["properties"]["ocsf"]["type"] == "flattened" and "`flat_object`" in PAGE
    template["template"]["mappings"]["properties"]["ocsf"]["type"] = "flat_object"
    one.ask("PUT", "/_index_template/logs-seaworthy", template)
    return one


def sink(node, **more):
    return {**http_sink("elasticsearch", node), "index": "logs-seaworthy-default", **more}


def documents(node):
    """{_id: document} of all; each must be there once."""
    node.ask("POST", "/logs-seaworthy-default/_refresh")
    hits = node.ask("POST", "/logs-seaworthy-default/_search", {"size": 10000, "query": {"match_all": {}}})["hits"]["hits"]
    found = {hit["_id"]: hit["_source"] for hit in hits}
    assert len(found) == len(hits)
    return found


def of_sink(metrics, name):
    return sum(value for series, value in metrics.items() if series.startswith(name + "{") and 'sink="elasticsearch"' in series)


def test_each_event_is_one_document_and_the_page_s_searches_find_it(admin, namespace, node, auditing, told, eventually):
    admin.create(pod(namespace, "web"))
    admin.create(everything_for(namespace, "hostile", HOSTILE + "x" * 3000))
    one = auditing([sink(node)], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()

    expected = {uid(event): event for event in told()}
    found = documents(node)
    assert found.keys() == expected.keys()
    for key, event in expected.items():
        assert found[key]["ocsf"] == event and found[key]["event"]["action"] == code(event)
    assert node.ask("GET", "/_data_stream/logs-seaworthy-default")["data_streams"][0]["timestamp_field"] == {"name": "@timestamp"}

    answer = node.ask("POST", "/logs-seaworthy-*/_search", request_of_page("POST logs-seaworthy-*/_search"))
    opened = [event for event in expected.values() if code(event) in ("finding_opened", "finding_reopened")]
    buckets = {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["checks"]["buckets"]}
    assert buckets and sum(buckets.values()) == len(opened)
    assert set(buckets) == {event["finding_info"]["analytic"]["uid"] for event in opened}

    finding = opened[0]["finding_info"]["uid"]
    by_record = node.ask("POST", "/logs-seaworthy-*/_search", {"query": {"term": {"ocsf.finding_info.uid": finding}}})["hits"]["hits"]
    assert {hit["_id"] for hit in by_record} == {key for key, event in expected.items() if event.get("finding_info", {}).get("uid") == finding}


def test_row_18_what_is_sent_again_is_a_conflict_and_counts_as_delivered(admin, namespace, node, auditing, told, tmp_path, eventually):
    node.kill()
    admin.create(pod(namespace, "web"))
    one = auditing([sink(node)], namespace, events={"baseline": "emit", "settle": "0s", "resolveAfter": 1, "shutdownFlush": "1s"})
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()
    first = {uid(event) for event in told()}
    shutil.copy(tmp_path / "state.db", tmp_path / "undelivered.db")

    node.start()
    one = auditing([sink(node)], namespace)
    one.stop()
    assert first <= documents(node).keys()
    versions = {key: document["event"]["sequence"] for key, document in documents(node).items()}

    # As after a crash between the node's answer and the note of it.
    for leftover in tmp_path.glob("state.db*"):
        leftover.unlink()
    shutil.copy(tmp_path / "undelivered.db", tmp_path / "state.db")
    before = len(told())
    one = auditing([sink(node)], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()[before:]], what="an audit")
    eventually(lambda: of_sink(one.metrics(), "seaworthy_sink_queue_length") <= 1, what="all delivered")
    assert of_sink(one.metrics(), "seaworthy_sink_parked") == 0
    assert of_sink(one.metrics(), "seaworthy_sink_events_total") >= len(first)
    one.stop()
    assert {key: documents(node)[key]["event"]["sequence"] for key in versions} == versions
    assert {uid(event) for event in told()} == set(documents(node))


def test_row_16_a_mapping_that_takes_no_event_is_the_sink_s_fault(admin, namespace, node, auditing, told, eventually):
    node.ask("PUT", "/refusing", {"mappings": {"properties": {"message": {"type": "date"}}}})
    admin.create(pod(namespace, "web"))
    one = auditing([sink(node, index="refusing")], namespace, events={"baseline": "emit", "settle": "0s", "resolveAfter": 1, "shutdownFlush": "1s"})
    eventually(lambda: any('state="paused"' in series and 'sink="elasticsearch"' in series for series in one.metrics()), what="the sink at fault")
    assert of_sink(one.metrics(), "seaworthy_sink_parked") == 0
    assert of_sink(one.metrics(), "seaworthy_sink_queue_length") >= len(told()) - 2
    assert node.ask("GET", "/refusing/_count")["count"] == 0

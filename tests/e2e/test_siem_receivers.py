# SPDX-License-Identifier: Apache-2.0
"""From a change in a real cluster to the records of real receivers; rows of the fault list in docs/siem.md carry their numbers."""
import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys
import time

import pytest
from control_plane import Authority
from processes import clean_environment
from receiver import Receiver
from receivers import Collector, Loki, Rsyslog, SyslogNg
from siem import HOSTILE, code, default_deny, everything_for, http_sink, pod, syslog_sink, uid


def test_a_network_policy_deleted_with_kubectl_arrives_at_every_receiver_and_its_return_too(admin, namespace, started, auditing, told, certificates, kubectl,
                                                                                            receiver_programs, tmp_path, eventually, record_testsuite_property):
    server, client = certificates
    rsyslog, syslog_ng = started(Rsyslog(tmp_path, server)), started(SyslogNg(tmp_path, receiver_programs.collector / "syslog-ng", server))
    loki, collector = started(Loki(tmp_path, receiver_programs.loki / "loki")), started(Collector(tmp_path, receiver_programs.collector / "collector"))
    sinks = [syslog_sink("rsyslog", rsyslog, client), syslog_sink("syslog-ng", syslog_ng, client), http_sink("loki", loki), http_sink("otlp", collector)]
    admin.create(pod(namespace, "web"))
    policy = tmp_path / "policy.yaml"
    policy.write_text(json.dumps(default_deny(namespace)))
    kubectl("apply", "-f", policy)
    one = auditing(sinks, namespace)

    def about(events, what):
        return [event for event in events if code(event) == what and event["finding_info"]["analytic"]["uid"] == "netpol-ns-default-deny-ingress"]

    def of_collector(what):
        return [record["attributes"]["seaworthy.finding.uid"] for record in collector.records()
                if record.get("eventName", "").endswith(what) and record["attributes"].get("seaworthy.check") == "netpol-ns-default-deny-ingress"]

    def everywhere(what):
        """The finding's uid at each receiver, once all have it."""
        found = [[event["finding_info"]["uid"] for event in about(events, what)] for events in (rsyslog.events(), syslog_ng.events(), loki.events())]
        found.append(of_collector(what))
        assert all(found), found
        return found

    def audits_before(what, since):
        """How many audits that began after `since` (ms since 1970) said nothing of it, by the order of the record. Theirs is the beginning that
        the record gives: its writing less the audit's duration, so a little late."""
        events = told()
        end = events.index(about(events, what)[0])
        return sum(code(event) == "audit_completed" and event["start_time"] > since + 200 for event in events[:end])

    def changed_by(*command):
        """Runs kubectl; (the moment of its return in ms since 1970, a function that says what has passed since)."""
        kubectl(*command)
        began = time.time()
        return began * 1000, lambda: round(time.time() - began, 2)

    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    assert not about(told(), "finding_opened"), "the policy is there"

    deleted, passed = changed_by("delete", "networkpolicy", "default-deny", "-n", namespace)
    opened = eventually(lambda: everywhere("finding_opened"), 60, "finding_opened at all receivers")
    record_testsuite_property("kubectl_opened_everywhere_after_s", passed())
    record_testsuite_property("kubectl_audits_without_it", audits_before("finding_opened", deleted))
    assert audits_before("finding_opened", deleted) == 0, "the first audit after the deletion tells it"
    assert len({found for at in opened for found in at}) == 1 and all(len(at) == 1 for at in opened), opened
    by_query = loki.query('{app="seaworthy"} | json | metadata_event_code="finding_opened" | finding_info_analytic_uid="netpol-ns-default-deny-ingress"')
    assert len(by_query) == 1, "LogQL finds it by its fields"

    audits = [event for event in told() if code(event) == "audit_completed"]
    opening = eventually(lambda: about(told(), "finding_opened"), what="the file's own line")
    one.stop()
    one = auditing(sinks, namespace)
    eventually(lambda: len([event for event in told() if code(event) == "audit_completed"]) > len(audits) + 1, what="audits of the new daemon")
    assert about(told(), "finding_opened") == opening, "a restart opens nothing again"

    restored, passed = changed_by("apply", "-f", policy)
    resolved = eventually(lambda: everywhere("finding_resolved"), 60, "finding_resolved at all receivers")
    record_testsuite_property("kubectl_resolved_everywhere_after_s", passed())
    assert audits_before("finding_resolved", restored) == 0, "the first audit after the return tells it"
    assert {found for at in resolved for found in at} == {opened[0][0]}, "the same finding"
    assert [len(at) for at in everywhere("finding_opened")] == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["rsyslog", "syslog-ng"])
def test_row_23_records_arrive_whole_and_one_by_one_over_mutual_tls(kind, admin, namespace, started, auditing, told, certificates, receiver_programs, tmp_path, eventually):
    server, client = certificates
    receiver = started(Rsyslog(tmp_path, server) if kind == "rsyslog" else SyslogNg(tmp_path, receiver_programs.collector / "syslog-ng", server))
    admin.create(pod(namespace, "web"))
    for number in range(5):
        admin.create(everything_for(namespace, f"hostile-{number}", f"{number}{HOSTILE}{'x' * 3000}"))
    one = auditing([syslog_sink("syslog", receiver, client, maxMessage="64KiB")], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()

    expected = {uid(event): event for event in told()}
    assert {"daemon_started", "finding_opened", "audit_completed", "daemon_stopping"} <= {code(event) for event in expected.values()}
    assert any("forged" in json.dumps(event) for event in expected.values()), "the hostile text is in no event"
    arrived = eventually(lambda: (events := receiver.events()) and {uid(event) for event in events} == set(expected) and events, what="every event")
    assert len({uid(event) for event in arrived}) == len(expected)
    for event in arrived:
        assert event == expected[uid(event)]


@pytest.mark.parametrize("kind", ["rsyslog", "syslog-ng"])
def test_row_24_what_a_killed_receiver_had_read_arrives_after_its_return(kind, admin, namespace, started, auditing, told, receiver_programs, tmp_path, eventually):
    receiver = started(Rsyslog(tmp_path) if kind == "rsyslog" else SyslogNg(tmp_path, receiver_programs.collector / "syslog-ng"))
    one = auditing([syslog_sink("syslog", receiver, batch={"linger": "0s", "maxEvents": 5})], namespace)
    for number in range(30):
        admin.create(pod(namespace, f"web-{number}"))
    eventually(lambda: receiver.lines(), what="a first record")
    receiver.kill()
    eventually(lambda: [event for event in told() if code(event) == "finding_opened" and "web-29" in json.dumps(event)], what="the last pod's findings")
    receiver.start()
    one_uids = {uid(event) for event in told()}
    eventually(lambda: one_uids <= {uid(event) for event in receiver.events()}, 60, "every event, also those of before")
    assert one.metrics()


def test_row_24_a_refused_client_certificate_delivers_nothing(admin, namespace, started, auditing, told, certificates, tmp_path, eventually):
    server, client = certificates
    stranger, stranger_key = Authority(tmp_path, "another-ca").issue("stranger", "/CN=client.local", "DNS:client.local")
    receiver = started(Rsyslog(tmp_path, server))
    one = auditing([syslog_sink("syslog", receiver, {**client, "certFile": str(stranger), "keyFile": str(stranger_key)})], namespace)
    eventually(lambda: len([event for event in told() if code(event) == "audit_completed"]) > 3, what="some audits")

    def tries():
        metrics = one.metrics()
        return sum(value for name, value in metrics.items() if name.startswith("seaworthy_sink_event_failures_total") and 'sink="syslog"' in name)

    eventually(lambda: tries() >= 3, what="tries that failed")
    metrics = one.metrics()
    waiting = next(value for name, value in metrics.items() if name.startswith("seaworthy_sink_queue_length") and 'sink="syslog"' in name)
    assert waiting >= len(told()) - 2, "something counts as delivered"
    assert receiver.lines() == []


def test_row_26_cef_is_read_by_lognormalizer(admin, namespace, started, auditing, told, tmp_path, eventually):
    receiver = started(Rsyslog(tmp_path))
    admin.create(everything_for(namespace, "hostile", "a|b=c\\d" + HOSTILE))
    one = auditing([syslog_sink("syslog", receiver, format="cef", maxMessage="64KiB")], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()
    eventually(lambda: len(receiver.lines()) >= len(told()), what="every event")
    rules = tmp_path / "cef.rules"
    rules.write_text("version=2\nrule=:%f:cef%\n")

    lines = b"".join(line.lstrip(b"\xef\xbb\xbf ") + b"\n" for line in receiver.lines())
    done = subprocess.run(["/usr/bin/lognormalizer", "-r", str(rules), "-e", "json"], input=lines, capture_output=True, check=True)

    parsed = {read["Extensions"]["externalId"]: read for read in (json.loads(line)["f"] for line in done.stdout.splitlines())}
    expected = {uid(event): event for event in told()}
    assert parsed.keys() == expected.keys()
    for key, event in expected.items():
        extensions = parsed[key]["Extensions"]
        assert extensions["act"] == code(event) and extensions["cn1"] == str(event["metadata"]["sequence"])
        assert extensions.get("cs1") == event.get("finding_info", {}).get("uid")
        assert extensions["msg"] == " ".join(event["message"].split()), "as one line"


# LEEF 2.0 as IBM describes it, for liblognorm's engine: five fields and the delimiter between pipes, then attributes.
LEEF_ATTRIBUTE = [{"name": "key", "type": "char-to", "extradata": "="}, {"type": "literal", "text": "="}, {"name": "value", "type": "char-sep", "extradata": "\t"}]
LEEF_ATTRIBUTES = {"name": "attributes", "type": "repeat", "parser": LEEF_ATTRIBUTE, "while": [{"type": "literal", "text": "\t"}]}
LEEF_RULES = f"version=2\nrule=:LEEF:2.0|%vendor:char-to:|%|%product:char-to:|%|%version:char-to:|%|%id:char-to:|%|x09|%{json.dumps(LEEF_ATTRIBUTES)}%\n"


def test_row_26_leef_is_read_by_lognormalizer_with_rules_from_its_description(admin, namespace, started, auditing, told, tmp_path, eventually):
    receiver = started(Rsyslog(tmp_path))
    admin.create(everything_for(namespace, "hostile", "a|b=c\\d\te=f" + HOSTILE))
    one = auditing([syslog_sink("syslog", receiver, format="leef", maxMessage="64KiB")], namespace, cluster={"name": "a|b\tc=d"})
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()
    eventually(lambda: len(receiver.lines()) >= len(told()), what="every event")
    rules = tmp_path / "leef.rules"
    rules.write_text(LEEF_RULES)

    # rsyslog was told to write control characters as `#` and three octal digits.
    lines = b"".join(line.lstrip(b"\xef\xbb\xbf ").replace(b"#011", b"\t") + b"\n" for line in receiver.lines())
    done = subprocess.run(["/usr/bin/lognormalizer", "-r", str(rules), "-e", "json"], input=lines, capture_output=True, check=True)

    expected, parsed = {uid(event): event for event in told()}, {}
    for line in done.stdout.splitlines():
        read = json.loads(line)
        attributes = {pair["key"]: pair["value"] for pair in read["attributes"]}
        assert len(attributes) == len(read["attributes"]), "a key that comes twice"
        parsed[attributes["eventUid"]] = read, attributes
    assert parsed.keys() == expected.keys()
    for key, event in expected.items():
        read, attributes = parsed[key]
        finding = event.get("finding_info", {})
        assert (read["vendor"], read["product"], read["id"]) == ("seaworthy project", "seaworthy", code(event))
        assert attributes["devTime"] == str(event["time"]) and attributes["sequence"] == str(event["metadata"]["sequence"])
        assert attributes.get("finding") == finding.get("uid") and attributes["cat"] == finding.get("analytic", {}).get("uid", event["class_name"])
        assert attributes["msg"].split() == event["message"].split(), "as one line"
        assert "cluster" not in attributes or attributes["cluster"].split() == ["a|b", "c=d"]
    assert any("a|b=c\\d e=f" in attributes["msg"] for _, attributes in parsed.values()), "the hostile name is in no event"


READ_WEBHOOK = """
import json, sys
from cloudevents.http import from_http, from_json
from standardwebhooks.webhooks import Webhook
secret, requests = sys.argv[1], json.load(open(sys.argv[2]))
events = []
for headers, body in requests:
    headers = {name.lower(): value for name, value in headers.items()}
    Webhook(secret).verify(body, headers)
    one_by_one = [from_http(headers, body)] if "batch" not in headers["content-type"] else [from_json(json.dumps(item)) for item in json.loads(body)]
    events += [[event["id"], event["type"], event["source"], event["specversion"], event.data] for event in one_by_one]
print(json.dumps(events))
"""


@pytest.mark.parametrize("most", [1, 500], ids=["structured", "batch"])
def test_row_26_webhooks_are_read_by_the_cloudevents_sdk_and_verified_by_standard_webhooks(most, admin, namespace, auditing, told, tmp_path, eventually):
    secret = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()
    (tmp_path / "hook-secret").write_text(secret)
    admin.create(everything_for(namespace, "hostile", HOSTILE))
    with Receiver(answer=lambda _: 200) as receiver:
        sink = {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{receiver.port}/events", "allowPlaintext": True,
                "hmac": {"secretFiles": [str(tmp_path / "hook-secret")]}, "batch": {"linger": "0s", "maxEvents": most}}
        one = auditing([sink], namespace)
        eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
        one.stop()
        requests = [[dict(request.headers), request.body.decode()] for request in receiver.requests]
    (tmp_path / "requests.json").write_text(json.dumps(requests))
    environment = {**clean_environment(), "PYTHONPATH": str(pathlib.Path(os.environ["SEAWORTHY_VALIDATORS"]) / "python")}

    def read(key):
        return subprocess.run([sys.executable, "-c", READ_WEBHOOK, key, str(tmp_path / "requests.json")], capture_output=True, text=True, env=environment)

    done = read(secret)
    assert done.returncode == 0, done.stderr[-2000:]
    events = {identity: (kind, source, version, data) for identity, kind, source, version, data in json.loads(done.stdout)}
    expected = {uid(event): event for event in told()}
    assert events.keys() == expected.keys()
    for key, event in expected.items():
        kind, source, version, data = events[key]
        assert (kind, version, data) == (f"seaworthy.{code(event)}", "1.0", event) and source.startswith("/seaworthy")
    assert read("whsec_" + base64.b64encode(b"not the key").decode()).returncode != 0, "any key verifies"


def test_row_26_otlp_is_read_by_the_collector(admin, namespace, started, auditing, told, receiver_programs, tmp_path, eventually):
    collector = started(Collector(tmp_path, receiver_programs.collector / "collector"))
    admin.create(everything_for(namespace, "hostile", HOSTILE))
    one = auditing([http_sink("otlp", collector)], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()

    expected = {uid(event): event for event in told()}
    records = eventually(lambda: (found := {record["attributes"]["seaworthy.event.uid"]: record for record in collector.records()}) and set(found) == set(expected)
                         and found, what="every event")
    for key, event in expected.items():
        attributes = records[key]["attributes"]
        assert attributes.get("seaworthy.finding.uid") == event.get("finding_info", {}).get("uid")
        assert attributes.get("seaworthy.check") == event.get("finding_info", {}).get("analytic", {}).get("uid")
        assert records[key]["timeUnixNano"] == f"{event['time']}000000"


# What protobuf.js makes of a request, by the classes of OpenTelemetry's own JavaScript exporter: checked, and as bytes.
READ_OTLP_JS = """
const path = require('path');
const folder = path.dirname(require.resolve('@opentelemetry/otlp-transformer/package.json'));
const {ExportLogsServiceRequest} = require(path.join(folder, 'build/src/generated/root.js')).opentelemetry.proto.collector.logs.v1;
const made = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8')).map((body) => {
  const request = ExportLogsServiceRequest.fromObject(JSON.parse(body));
  const complaint = ExportLogsServiceRequest.verify(request);
  if (complaint) throw new Error(complaint);
  return Buffer.from(ExportLogsServiceRequest.encode(request).finish()).toString('base64');
});
console.log(JSON.stringify(made));
"""

# Google's protobuf refuses what is not in the schema; that both implementations read the same is seen by what they have read.
READ_OTLP = """
import base64, json, sys
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
bodies, others = (json.load(open(path)) for path in sys.argv[1:])

def plain(value):
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "kvlist_value":
        return {pair.key: plain(pair.value) for pair in value.kvlist_value.values}
    if kind == "array_value":
        return [plain(item) for item in value.array_value.values]
    return getattr(value, kind)

records = []
for body, other in zip(bodies, others, strict=True):
    request = Parse(body, ExportLogsServiceRequest())
    for resource in request.resource_logs:
        service = {pair.key: plain(pair.value) for pair in resource.resource.attributes}
        for record in (record for scope in resource.scope_logs for record in scope.log_records):
            records.append({"service": service, "time": record.time_unix_nano, "severity": record.severity_number, "name": record.event_name,
                            "attributes": {pair.key: plain(pair.value) for pair in record.attributes}, "body": plain(record.body)})
            record.ClearField("event_name")  # the JavaScript is of a schema that has none
    assert request == ExportLogsServiceRequest.FromString(base64.b64decode(other)), "two readers, two meanings"
print(json.dumps(records))
"""


def test_row_26_otlp_bodies_are_what_two_implementations_of_its_schema_read(admin, namespace, auditing, told, tmp_path, eventually):
    validators = pathlib.Path(os.environ["SEAWORTHY_VALIDATORS"])
    admin.create(everything_for(namespace, "hostile", HOSTILE))
    with Receiver(answer=lambda _: 200) as receiver:
        one = auditing([http_sink("otlp", receiver)], namespace)
        eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
        one.stop()
        (tmp_path / "bodies.json").write_text(json.dumps([gzip.decompress(request.body).decode() for request in receiver.requests]))

    def read(command, **environment):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**clean_environment(), **environment})
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    (tmp_path / "bytes.json").write_text(read(["node", "-e", READ_OTLP_JS, tmp_path / "bodies.json"], NODE_PATH=str(validators / "node_modules")))
    records = json.loads(read([sys.executable, "-c", READ_OTLP, tmp_path / "bodies.json", tmp_path / "bytes.json"], PYTHONPATH=str(validators / "python")))
    found = {record["attributes"]["seaworthy.event.uid"]: record for record in records}
    expected = {uid(event): event for event in told()}
    assert found.keys() == expected.keys() and len(records) == len(expected)
    for key, event in expected.items():
        record = found[key]
        assert record["body"] == event and record["name"] == f"seaworthy.{code(event)}" and record["service"]["service.name"] == "seaworthy"
        assert record["time"] == event["time"] * 1_000_000 and 1 <= record["severity"] <= 24
        assert record["attributes"]["seaworthy.event.sequence"] == event["metadata"]["sequence"]

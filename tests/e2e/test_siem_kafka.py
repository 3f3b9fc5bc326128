# SPDX-License-Identifier: Apache-2.0
"""The Kafka sink against an Apache Kafka broker, read back by Kafka's own consumer; topic, rules and login as docs/siem/kafka.md sets them up."""
import ctypes
import os
import pathlib

import pytest
from control_plane import Authority
from java_receivers import Kafka, KafkaConsumer
from siem import code, default_deny, pod, uid


# Of daemons that a test leaves with events that cannot be delivered.
SOON_GONE = {"baseline": "emit", "settle": "0s", "resolveAfter": 1, "shutdownFlush": "1s"}


@pytest.fixture(scope="module")
def broker(receiver_programs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kafka")
    authority = Authority(folder, "kafka-ca")
    certificate, key = authority.issue("broker", "/CN=kafka", "DNS:localhost,IP:127.0.0.1")
    authority.issue("client", "/CN=client")
    one = Kafka(folder, receiver_programs.kafka / "jars", certificate, key, authority.certificate, {"seaworthy": "right-secret"})
    try:
        one.start()
        one.allow("seaworthy", "once", "secret", "no-topic", "scram", "killed")
        one.allow("CN=client", "mutual")
        yield one
    finally:
        one.stop()


@pytest.fixture
def kafka_sink(broker, tmp_path):
    """kafka_sink(topic, password, **more)"""
    def sink(topic, password="right-secret", **more):
        (tmp_path / "kafka-password").write_text(password + "\n")
        return {"name": "bus", "type": "kafka", "brokers": [f"127.0.0.1:{broker.port}"], "topic": topic, "username": "seaworthy",
                "passwordFile": str(tmp_path / "kafka-password"), "sasl": {"mechanism": "plain"},
                "tls": {"caFile": str(broker.folder.parent / "kafka-ca.crt")}, "batch": {"linger": "0s"}, "timeout": "3s",
                "retry": {"base": "100ms", "cap": "1s"}, **more}
    return sink


def of_sink(metrics, name):
    """Values of one metric of the sink, by what else its labels say."""
    return {series: value for series, value in metrics.items() if series.startswith(name + "{") and 'sink="bus"' in series}


def in_state(metrics, state):
    return any(f'state="{state}"' in series for series in of_sink(metrics, "seaworthy_sink_state"))


def check_records(records, expected):
    """Each is the event that its uid names, and each finding's are in one partition, in their order."""
    partitions, last = {}, {}
    for record in sorted(records, key=lambda record: (record["partition"], record["offset"])):
        event = record["value"]
        assert event == expected[record["headers"]["uid"]] and record["headers"]["content-type"] == "application/json"
        assert record["key"] == event.get("finding_info", {}).get("uid", record["key"])
        assert partitions.setdefault(record["key"], record["partition"]) == record["partition"], "a finding's records are in one partition"
        assert last.get(record["key"], 0) <= event["metadata"]["sequence"], "and in their order"
        last[record["key"]] = event["metadata"]["sequence"]


def check_all_arrived(consumer, told, eventually):
    """Waits for every event that was told, each as check_records() wants it; {uid: event}."""
    expected = {uid(event): event for event in told}
    eventually(lambda: {record["headers"]["uid"] for record in consumer.records()} == set(expected), what="every event")
    check_records(consumer.records(), expected)
    return expected


def test_each_event_is_one_record_in_the_order_of_its_finding(admin, namespace, broker, kafka_sink, started, auditing, told, tmp_path, eventually):
    broker.make_topic("once")
    admin.create(pod(namespace, "web"))

    def create():
        admin.create(default_deny(namespace))

    def delete():
        admin.delete("networking.k8s.io/v1", "NetworkPolicy", "default-deny", namespace)

    one = auditing([kafka_sink("once")], namespace)
    eventually(lambda: "finding_opened" in [code(event) for event in told()], what="a finding")
    for change, event_code in ((create, "finding_resolved"), (delete, "finding_reopened"), (create, "finding_flapping")):
        change()
        eventually(lambda: event_code in [code(event) for event in told()], what=event_code)
    one.stop()

    expected = {uid(event): event for event in told()}
    assert {"daemon_started", "finding_reopened", "finding_flapping", "audit_completed", "daemon_stopping"} <= {code(event) for event in expected.values()}
    consumer = started(KafkaConsumer(tmp_path, broker, "once"))
    eventually(lambda: len(consumer.records()) == broker.written("once"), what="all that is in the topic", every=1)
    records = consumer.records()
    assert sorted(record["headers"]["uid"] for record in records) == sorted(expected), "one record for each event"
    check_records(records, expected)
    assert len({record["partition"] for record in records}) > 1
    assert {record["key"] for record in records if "finding_info" not in record["value"]} == {"summary", "health"}


def test_a_wrong_password_delivers_nothing_and_the_right_one_everything(admin, namespace, broker, kafka_sink, started, auditing, told, tmp_path, eventually):
    broker.make_topic("secret")
    one = auditing([kafka_sink("secret", password="wrong-secret")], namespace)
    admin.create(pod(namespace, "web"))
    eventually(lambda: in_state(one.metrics(), "auth_failed"), what="the sink at fault")
    eventually(lambda: sum(of_sink(one.metrics(), "seaworthy_sink_event_failures_total").values()) >= 3, what="more tries")
    assert not of_sink(one.metrics(), "seaworthy_sink_last_success_timestamp_seconds") or set(
        of_sink(one.metrics(), "seaworthy_sink_last_success_timestamp_seconds").values()) == {0}
    [waiting] = of_sink(one.metrics(), "seaworthy_sink_queue_length").values()
    assert waiting >= len(told()) - 2, "something counts as delivered"
    assert broker.written("secret") == 0

    (tmp_path / "kafka-password").write_text("right-secret")
    eventually(lambda: in_state(one.metrics(), "ok"), 60, "the sink in order, without a restart")
    one.stop()
    expected = check_all_arrived(started(KafkaConsumer(tmp_path, broker, "secret")), told(), eventually)
    assert [code(event) for event in expected.values()].count("sink_paused") == 1


@pytest.mark.parametrize("missing", ["topic", "right"])
def test_a_topic_that_is_not_there_or_not_allowed_is_the_sink_s_fault(missing, admin, namespace, broker, kafka_sink, auditing, told, eventually):
    one = auditing([kafka_sink("no-topic" if missing == "topic" else broker.make_topic("no-right"))], namespace, events=SOON_GONE)
    eventually(lambda: in_state(one.metrics(), "paused" if missing == "topic" else "auth_failed"), 15, "the sink at fault, sooner than librdkafka's own 30 s")
    [waiting] = of_sink(one.metrics(), "seaworthy_sink_queue_length").values()
    assert waiting >= len(told()) - 2, "something counts as delivered"
    assert set(of_sink(one.metrics(), "seaworthy_sink_parked").values()) <= {0}


def shipped_by_confluent():
    """The librdkafka that Confluent's Python client brings."""
    return next((pathlib.Path(os.environ["SEAWORTHY_VALIDATORS"]) / "python" / "confluent_kafka.libs").glob("librdkafka-*.so.1"))


@pytest.mark.parametrize("library", ["installed", "newer"])
def test_scram_logs_in_or_the_sink_says_why_not(library, namespace, broker, kafka_sink, started, auditing, told, tmp_path, eventually, monkeypatch):
    path = "librdkafka.so.1"
    if library == "newer":
        path = shipped_by_confluent()
        (tmp_path / "librdkafka.so.1").symlink_to(path)
        monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    can = ctypes.CDLL(path).rd_kafka_version() >= 0x020601FF
    assert can or library == "installed"
    if can:
        broker.make_topic("scram")
    one = auditing([kafka_sink("scram", sasl={"mechanism": "scram-sha-512"})], namespace, events=SOON_GONE)
    if not can:
        eventually(lambda: in_state(one.metrics(), "auth_failed"), what="the sink at fault")
        assert "invalid credentials" in one.log.read_text() and "2.6.1 does" in one.log.read_text()
        return
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()
    check_all_arrived(started(KafkaConsumer(tmp_path, broker, "scram")), told(), eventually)


def test_a_client_certificate_logs_in(namespace, broker, kafka_sink, started, auditing, told, tmp_path, eventually):
    broker.make_topic("mutual")
    files = {f"{what}File": str(broker.folder.parent / name) for what, name in (("ca", "kafka-ca.crt"), ("cert", "client.crt"), ("key", "client.key"))}
    sink = kafka_sink("mutual", brokers=[f"127.0.0.1:{broker.mutual_port}"], tls=files)
    one = auditing([{name: value for name, value in sink.items() if name not in ("username", "passwordFile", "sasl")}], namespace)
    eventually(lambda: "audit_completed" in [code(event) for event in told()], what="an audit")
    one.stop()
    check_all_arrived(started(KafkaConsumer(tmp_path, broker, "mutual")), told(), eventually)


def test_nothing_is_lost_by_a_broker_that_is_killed(admin, namespace, broker, kafka_sink, started, auditing, told, tmp_path, eventually):
    broker.make_topic("killed")
    one = auditing([kafka_sink("killed", batch={"linger": "0s", "maxEvents": 5})], namespace)
    for number in range(30):
        admin.create(pod(namespace, f"web-{number}"))
    eventually(lambda: sum(of_sink(one.metrics(), "seaworthy_sink_events_total").values()) > 0, what="a first record")
    broker.kill()
    eventually(lambda: [event for event in told() if code(event) == "finding_opened" and "web-29" in str(event)], what="the last pod's findings")
    eventually(lambda: in_state(one.metrics(), "retrying"), what="the sink waiting")
    broker.start()
    consumer = started(KafkaConsumer(tmp_path, broker, "killed"))
    last = len(told())
    eventually(lambda: {uid(event) for event in told()[:last]} <= {record["headers"]["uid"] for record in consumer.records()}, 60, "every event, also those of before")
    one.stop()
    eventually(lambda: len(consumer.records()) == broker.written("killed"), what="all that is in the topic", every=1)
    expected = {uid(event): event for event in told()}
    assert {record["headers"]["uid"] for record in consumer.records()} == set(expected)
    check_records(consumer.records(), expected)

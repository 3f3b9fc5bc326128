# SPDX-License-Identifier: Apache-2.0
"""What the tests of real receivers share: the daemon over one namespace of a real cluster, what it told, and objects that make findings."""
import collections
import json
import os
import pathlib

import pytest
from control_plane import Authority
from processes import Daemon

Programs = collections.namedtuple("Programs", "loki collector kafka opensearch")

# Made of what ends, quotes or forges a record somewhere; the API server takes it as the name of a user.
HOSTILE = 'forged"] \\ \U0001f6a2 \u202e<13>1 - evil - - - -\n<13>1 2026-01-01T00:00:00Z evil evil - - - forged\t{"metadata":{"uid":"forged"}}'


@pytest.fixture(scope="session")
def receiver_programs():
    """The folders of Loki, of the Collector and syslog-ng, of Kafka, and of OpenSearch."""
    found = os.environ.get("SEAWORTHY_RECEIVERS")
    assert found, "SEAWORTHY_RECEIVERS is what scripts/siem-receivers.sh prints: run this through `make e2e`"
    return Programs(*map(pathlib.Path, found.split(":")))


@pytest.fixture
def started():
    """started(receiver): running until the test ends."""
    running = []

    def start(receiver):
        running.append(receiver)
        return receiver.start()

    yield start
    for receiver in running:
        receiver.stop()


@pytest.fixture
def certificates(tmp_path):
    """(the server's certificate, key and clients' authority; the client's settings)"""
    authority = Authority(tmp_path, "log-ca")
    server, server_key = authority.issue("log-server", "/CN=logs.local", "DNS:logs.local,IP:127.0.0.1")
    client, client_key = authority.issue("log-client", "/CN=client.local", "DNS:client.local")
    return (server, server_key, authority.certificate), {"caFile": str(authority.certificate), "certFile": str(client), "keyFile": str(client_key)}


@pytest.fixture
def auditing(binary, control_plane, tmp_path, eventually):
    """auditing(sinks, namespace): the daemon over one namespace of the real control plane, with these sinks and a file beside them."""
    running = []

    def start(sinks, namespace, **config):
        one = Daemon(binary, tmp_path, control_plane.admin_kubeconfig(), {
            "audit": {"interval": "1s", "minAge": "0s", "jitter": 0}, "namespaces": {"include": [namespace]},
            "events": {"baseline": "emit", "settle": "0s", "resolveAfter": 1}, "spool": {"path": str(tmp_path / "state.db"), "maxBytes": "64MiB"},
            "sinks": [{"name": "file", "type": "file", "path": str(tmp_path / "events.jsonl"), "batch": {"linger": "0s"}}, *sinks], **config})
        running.append(one)
        eventually(one.ready, 60, "the first report")
        return one

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def told(tmp_path):
    """told(): what the daemon's file sink has, which is the record of all events."""
    def read():
        path = tmp_path / "events.jsonl"
        return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []
    return read


def code(event):
    return event["metadata"]["event_code"]


def uid(event):
    return event["metadata"]["uid"]


def syslog_sink(name, receiver, tls=None, **more):
    sink = {"name": name, "type": "syslog", "address": f"127.0.0.1:{receiver.port}", "confirmWindow": "200ms", "batch": {"linger": "0s"},
            "retry": {"base": "100ms", "cap": "1s"}, **more}
    return {**sink, "protocol": "tls", "tls": tls} if tls else {**sink, "protocol": "tcp", "allowPlaintext": True}


def http_sink(kind, receiver, **more):
    return {"name": kind, "type": kind, "url": f"http://127.0.0.1:{receiver.port}", "allowPlaintext": True, "batch": {"linger": "0s"},
            "retry": {"base": "100ms", "cap": "1s"}, **more}


def pod(namespace, name, image="registry.example/shop/web:1.4.2"):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": image}]}}


def everything_for(namespace, name, user):
    """A binding that findings name by its user."""
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}]}


def default_deny(namespace):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "default-deny", "namespace": namespace},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}}

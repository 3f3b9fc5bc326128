# SPDX-License-Identifier: Apache-2.0
"""Long lists, and what etcd forgets while they are read."""
import http.client
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from control_plane import Authority

COUNT = 1200


class Between:
    """A TLS proxy to the API server that runs `interrupt` once, before it passes on the first request for a further page."""

    def __init__(self, plane, folder, interrupt=lambda: None):
        self.pages, self.statuses = [], []
        self._lock = threading.Lock()
        pending = [interrupt]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                query = parse_qs(urlsplit(self.path).query)
                if urlsplit(self.path).path == "/api/v1/serviceaccounts":
                    with outer._lock:
                        outer.pages.append(query)
                        if "continue" in query and pending:
                            pending.pop()()
                connection = http.client.HTTPSConnection("127.0.0.1", plane.port, context=ssl.create_default_context(cafile=plane.ca_file))
                try:
                    connection.request("GET", self.path, headers={name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")})
                    answer = connection.getresponse()
                    body = answer.read()
                finally:
                    connection.close()
                if urlsplit(self.path).path == "/api/v1/serviceaccounts":
                    outer.statuses.append(answer.status)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                connection = http.client.HTTPSConnection("127.0.0.1", plane.port, context=ssl.create_default_context(cafile=plane.ca_file))
                connection.request("POST", self.path, body, {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")})
                answer = connection.getresponse()
                text = answer.read()
                connection.close()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.getheader("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *arguments):
                pass

        authority = Authority(folder, "proxy-ca")
        certificate, key = authority.issue("proxy", "/CN=proxy", "IP:127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.ca_file = authority.certificate
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module", params=["pages from the watch cache", "pages from etcd"])
def crowded(own_control_plane, request):
    """A namespace with 1,200 ServiceAccounts, on a server that answers further pages from memory and on one that asks etcd."""
    plane = own_control_plane(*(["--feature-gates", "ListFromCacheSnapshot=false"] if request.param == "pages from etcd" else []))
    plane.pages_from_etcd = request.param == "pages from etcd"
    admin = plane.admin
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "crowd"}})
    for number in range(COUNT):
        admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": f"account-{number:04}", "namespace": "crowd"}})
    return plane


def accounts_in(folder):
    """Names of the ServiceAccounts that a capture holds."""
    import yaml

    return [item["metadata"]["name"] for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".yml", ".json")
            for document in yaml.load_all(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if document
            for item in (document.get("items") or [document]) if item.get("kind", document.get("kind", "")).startswith("ServiceAccount")
            and item["metadata"].get("namespace") == "crowd"]


def read_through(plane, run, tmp_path, interrupt=lambda: None):
    between = Between(plane, tmp_path, interrupt)
    try:
        kubeconfig = plane.kubeconfig(tmp_path / "kubeconfig", {"token": "e2e-admin-token"}, between.url, between.ca_file)
        run("capture", "--kubeconfig", kubeconfig, "--chunk-size", "250", "-d", tmp_path / "captured")
        report = json.loads(run("audit", tmp_path / "captured", "-o", "json").stdout)
    finally:
        between.close()
    return between, report, accounts_in(tmp_path / "captured")


def test_twelve_hundred_objects_are_read_through_pages(crowded, run, tmp_path):
    between, report, names = read_through(crowded, run, tmp_path)

    assert names == sorted(set(names)) and len(names) == COUNT
    assert len(between.pages) >= 5
    assert all(page["limit"] == ["250"] for page in between.pages)
    assert report["gaps"] == []


def test_a_compaction_between_two_pages_loses_no_object_and_judges_none_twice(crowded, run, tmp_path):
    def compact():
        # A write, so that the list's revision is older than what survives.
        crowded.admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "newcomer", "namespace": "crowd"}})
        crowded.compact()

    try:
        between, report, names = read_through(crowded, run, tmp_path, compact)
    finally:
        crowded.admin.delete("v1", "ServiceAccount", "newcomer", "crowd")

    wanted = {f"account-{number:04}" for number in range(COUNT)}
    assert len(names) == len(set(names)), "an object was read twice"
    assert wanted <= set(names)
    assert report["gaps"] == []
    if crowded.pages_from_etcd:
        assert 410 in between.statuses, "the compaction did not void the continue token; the test proves nothing"

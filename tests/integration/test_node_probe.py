# SPDX-License-Identifier: Apache-2.0
"""The node-probe as a process, and the daemon that collects from node-probes of which some lie, hang or are somebody else."""
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from processes import clean_environment, free_port

HOSTS = "[host.'https://mirror.corp.internal']\ncapabilities = ['pull', 'resolve']\n"
NAME = "node-probe.seaworthy.svc"


def write_tree(folder, hosts=HOSTS):
    """A node's files: containerd with one mirror."""
    files = {"etc/containerd/config.toml": "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/etc/containerd/certs.d'\n",
             "etc/containerd/certs.d/docker.io/hosts.toml": hosts}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


class Authority:
    """A certificate authority in a folder, by openssl's command line."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.certificate, self._key = folder / "ca.crt", folder / "ca.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self._key, "-out", self.certificate,
                      "-subj", "/CN=authority", "-days", "1")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def issue(self, name):
        """(certificate, key) for a DNS name."""
        certificate, key, request, extension = (self.folder / f"{name}.{suffix}" for suffix in ("crt", "key", "csr", "ext"))
        extension.write_text(f"subjectAltName=DNS:{name}\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-out", certificate, "-days", "1",
                      "-extfile", extension)
        return certificate, key


class NodeProbe:
    """`seaworthy node-probe` on a loopback address."""

    def __init__(self, binary, root, *arguments, address="127.0.0.1", port=None, node="n1"):
        self.address, self.port = address, port or free_port()
        self.process = subprocess.Popen([str(binary), "node-probe", "--root", str(root), "--node", node, "--listen", f"{address}:{self.port}", *map(str, arguments)],
                                        stderr=subprocess.PIPE, text=True, env=clean_environment())
        self.said = self.process.stderr.readline()

    def get(self, path="/v1/registry-config", token=None, method="GET"):
        request = urllib.request.Request(f"http://{self.address}:{self.port}{path}", headers={"Authorization": f"Bearer {token}"} if token else {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.stderr.close()
        return self.process.wait(10)


@pytest.fixture
def node_probe(binary):
    running = []

    def start(root, *arguments, **options):
        running.append(NodeProbe(binary, root, *arguments, **options))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop()


# The command


def test_a_nodes_files_are_served_and_nothing_is_written(node_probe, tmp_path):
    one = node_probe(write_tree(tmp_path / "node"))
    before = sorted(str(path) for path in tmp_path.rglob("*"))

    status, text = one.get()

    report = json.loads(text)
    assert status == 200 and report["node"] == "n1" and report["runtime"] == "containerd" and report["errors"] == []
    assert report["registries"][0]["host"] == "docker.io"
    assert report["registries"][0]["mirrors"][0] == {"url": "https://mirror.corp.internal", "caps": ["pull", "resolve"], "insecure": False, "ca": None,
                                                     "override_path": False, "kind": "internal"}
    assert one.get("/healthz") == (200, "ok\n")
    assert one.get("/")[0] == 404
    assert one.get(method="POST")[0] == 405
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert one.stop() == 0


def test_the_token_of_a_file_is_asked_for(node_probe, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    one = node_probe(write_tree(tmp_path / "node"), "--token-file", token)

    assert one.get()[0] == 401
    assert one.get(token="s3cre")[0] == 401
    assert one.get(token="s3cret-")[0] == 401
    assert one.get(token="s3cret")[0] == 200
    assert one.get("/healthz")[0] == 200


def test_a_listener_for_all_wants_to_know_who_asks(run, tmp_path):
    done = run("node-probe", "--root", write_tree(tmp_path / "node"), "--node", "n1", "--listen", f":{free_port()}", status=2)
    assert "--token-file" in done.stderr
    assert "--node" in run("node-probe", "--root", tmp_path, "--listen", f"127.0.0.1:{free_port()}", status=2).stderr
    assert "did you mean \"containerd\"" in run("node-probe", "--runtime", "contained", "--print", status=2).stderr


def test_mutual_tls_lets_only_certificates_of_the_authority_in(node_probe, tmp_path):
    own, foreign = Authority(tmp_path / "own"), Authority(tmp_path / "foreign")
    certificate, key = own.issue(NAME)
    one = node_probe(write_tree(tmp_path / "node"), "--tls-cert-file", certificate, "--tls-key-file", key, "--client-ca-file", own.certificate)

    def get(identity):
        context = ssl.create_default_context(cafile=str(own.certificate))
        if identity:
            context.load_cert_chain(*map(str, identity))
        with socket.create_connection((one.address, one.port), timeout=10) as plain, context.wrap_socket(plain, server_hostname=NAME) as secure:
            secure.sendall(f"GET /v1/registry-config HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
            return secure.recv(4096).decode()

    assert get(own.issue("daemon")).startswith("HTTP/1.1 200")
    for identity in (None, foreign.issue("daemon")):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            assert get(identity)
            raise ConnectionError("nothing came")


# What the DaemonSet's container has: root without capabilities, to which modes apply as to anybody.
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"] if os.geteuid() == 0 else []


@pytest.mark.parametrize("fault", ["unreadable", "broken", "outside", "huge"])
def test_a_file_that_cannot_be_read_is_an_error_in_the_report(binary, tmp_path, fault):
    root = write_tree(tmp_path / "node")
    hosts = root / "etc/containerd/certs.d/docker.io/hosts.toml"
    if fault == "unreadable":
        hosts.chmod(0)
    elif fault == "broken":
        hosts.write_text("[host\npassword = hunter2")
    elif fault == "outside":
        outside = tmp_path / "outside.toml"
        outside.write_text(HOSTS)
        hosts.unlink()
        hosts.symlink_to(outside)
    else:
        with open(hosts, "wb") as file:
            file.truncate(1 << 30)

    began = time.monotonic()
    done = subprocess.run([*WITHOUT_CAPABILITIES, str(binary), "node-probe", "--root", str(root), "--node", "n1", "--print"], check=True, capture_output=True, text=True,
                          env=clean_environment())

    report = json.loads(done.stdout)
    assert report["registries"] == [] and len(report["errors"]) == 1
    assert report["errors"][0].startswith("/etc/containerd/certs.d/docker.io/hosts.toml: ")
    assert "hunter2" not in done.stdout and str(tmp_path) not in done.stdout
    assert time.monotonic() - began < 5


# The collection


def node_objects(name, address):
    old = "2026-01-01T08:00:00Z"
    return [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": f"n-{name}", "creationTimestamp": old},
         "status": {"nodeInfo": {"kubeletVersion": "v1.36.3", "containerRuntimeVersion": "containerd://2.1.4", "osImage": "x", "operatingSystem": "linux", "architecture": "amd64"},
                    "conditions": [{"type": "Ready", "status": "True"}]}},
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": f"node-probe-{name}", "namespace": "seaworthy", "uid": f"p-{name}", "labels": {"app": "node-probe"}, "creationTimestamp": old,
                      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "node-probe", "uid": "ds", "controller": True}]},
         "spec": {"nodeName": name, "containers": [{"name": "node-probe", "image": "registry.corp.internal/seaworthy:0.1.0"}]},
         "status": {"phase": "Running", "podIP": address, "startTime": old, "conditions": [{"type": "Ready", "status": "True"}]}},
    ]


class FakeProbe(http.server.ThreadingHTTPServer):
    """A node-probe that a test speaks for."""
    daemon_threads = True

    def __init__(self, address, port, identity, body):
        self.seen = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                fake.seen.append(dict(self.headers))
                if body is None:
                    time.sleep(30)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__((address, port), Handler)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*map(str, identity))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):  # in the connection's own thread: a handshake that fails delays nobody
        try:
            secure = self._context.wrap_socket(request, server_side=True)
        except OSError:
            return
        super().finish_request(secure, client_address)
        secure.close()


def test_the_daemon_believes_no_node_that_lies_hangs_or_is_somebody_else(binary, replay, daemon, node_probe, tmp_path, eventually):
    own, foreign = Authority(tmp_path / "own"), Authority(tmp_path / "foreign")
    certificate, key = own.issue(NAME)
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    port = free_port()
    lie = json.dumps({"node": "good", "runtime": "containerd", "registries": [{"host": "docker.io", "mirrors": [{"url": "https://m.internal", "kind": "internal"}]}]})
    lying = FakeProbe("127.0.0.3", port, (certificate, key), lie.encode())
    hanging = FakeProbe("127.0.0.4", port, (certificate, key), None)
    wrong = FakeProbe("127.0.0.5", port, foreign.issue(NAME), lie.replace("good", "wrong").encode())
    huge = FakeProbe("127.0.0.6", port, (certificate, key), b'{"node": "huge", "errors": ["' + b"a" * (8 << 20) + b'"]}')
    node_probe(write_tree(tmp_path / "node"), "--token-file", token, "--tls-cert-file", certificate, "--tls-key-file", key, address="127.0.0.2", port=port, node="good")
    server, kubeconfig = replay()
    for thing in [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seaworthy", "creationTimestamp": "2026-01-01T08:00:00Z"}, "status": {"phase": "Active"}},
                  *[thing for name, address in {"good": "127.0.0.2", "lying": "127.0.0.3", "hanging": "127.0.0.4", "wrong": "127.0.0.5", "huge": "127.0.0.6"}.items()
                    for thing in node_objects(name, address)]]:
        server.tell(put=thing)

    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0},
                              "probes": {"timeout": "1s", "nodeProbe": {"namespace": "seaworthy", "daemonSet": "node-probe", "port": port, "tokenFile": str(token),
                                                                        "caFile": str(own.certificate)}}})

    def verdicts(check):
        return {result["object"]["name"]: result for result in one.report()["results"] if result["check"] == check}

    eventually(lambda: verdicts("pullcache-node-mirror")["good"]["status"] == "pass", what="the good node's report")
    nodes = verdicts("pullcache-node-mirror")
    assert {name: result["status"] for name, result in nodes.items()} == {
        "good": "pass", "lying": "unknown", "hanging": "unknown", "wrong": "unknown", "huge": "unknown", "worker-1": "unknown"}
    assert nodes["lying"]["reason"] == "malformed" and "another one: good" in nodes["lying"]["message"]
    assert nodes["huge"]["reason"] == "malformed"
    assert nodes["hanging"]["reason"] == "unavailable" and "timeout" in nodes["hanging"]["message"]
    assert nodes["wrong"]["reason"] == "unavailable" and "tls_untrusted" in nodes["wrong"]["message"]
    assert "refused" in nodes["worker-1"]["message"], "a node without a ready pod"
    assert wrong.seen == [], "the token went to nobody whose certificate is another's"
    assert lying.seen[0]["Authorization"] == "Bearer s3cret"
    assert verdicts("pullcache-probe-coverage")[""]["status"] == "warn"
    assert one.report()["metadata"]["durationSeconds"] < 10
    for fake in (lying, hanging, wrong, huge):
        fake.shutdown()
        fake.server_close()


def test_the_daemon_asks_named_mirrors_only_when_told(replay, daemon, node_probe, tmp_path, eventually):
    port = free_port()
    asked = []

    class Registry(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            asked.append(self.path)
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=mirror")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    registry = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=registry.serve_forever, daemon=True).start()
    mirror = f"mirror.localhost:{registry.server_port}"
    root = write_tree(tmp_path / "node", f"[host.'http://{mirror}/v2/docker']\noverride_path = true\n")
    node_probe(root, "--internal-domain", "mirror.localhost", address="127.0.0.2", port=port, node="good")
    server, kubeconfig = replay()
    for thing in node_objects("good", "127.0.0.2"):
        server.tell(put=thing)
    settings = {"namespace": "seaworthy", "daemonSet": "node-probe", "port": port}

    def reachable(one):
        return [result for result in one.report()["results"] if result["check"] == "pullcache-mirror-reachable" and result["object"]["name"] == mirror]

    one = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}, "probes": {"timeout": "1s", "nodeProbe": settings}})
    eventually(lambda: reachable(one)[0]["status"] == "unknown", what="a mirror that nobody asked")
    assert asked == []

    two = daemon(kubeconfig, {"audit": {"interval": "1s", "jitter": 0}, "probes": {"timeout": "1s", "nodeProbe": {**settings, "askMirrors": True}}})
    eventually(lambda: reachable(two)[0]["status"] == "pass", what="the mirror's answer")
    assert set(asked) == {"/v2/"}
    registry.shutdown()
    registry.server_close()

# SPDX-License-Identifier: Apache-2.0
"""A real control plane on loopback: etcd and kube-apiserver with their own certificates, no controllers, no nodes.

What controllers would do (ReplicaSets, Pods, EndpointSlices, status, emptying a namespace) the tests do through the API.
"""
import json
import pathlib
import shutil
import subprocess
import time
import urllib.request

from kubernetes_client import Client
from processes import end_with_parent, free_port

ADMIN_TOKEN = "e2e-admin-token"
START_SECONDS = 60


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Authority:
    """A certificate authority and what it signs, as PEM files in one folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self.certificate = folder / f"{name}.crt"
        self._key = folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2, "-subj", f"/CN={name}",
                "-keyout", self._key, "-out", self.certificate)

    def issue(self, name, subject, alternative_names=""):
        """(certificate, key) of a new server or client certificate."""
        certificate, key, request = (self.folder / f"{name}.{ending}" for ending in ("crt", "key", "csr"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject, "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("extendedKeyUsage=serverAuth,clientAuth\n" + (f"subjectAltName={alternative_names}\n" if alternative_names else ""))
        openssl("x509", "-req", "-days", 2, "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                "-extfile", extensions, "-out", certificate)
        return certificate, key


class ControlPlane:
    def __init__(self, folder, programs, extra_arguments=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._programs = pathlib.Path(programs)
        self._extra_arguments = list(extra_arguments)
        self._etcd = None
        self._api_server = None
        self.ca_file = self.folder / "ca.crt"  # what clients trust; replaced together with the serving certificate
        self._client_authority = Authority(self.folder, "client-ca")
        self.replace_serving_certificate(Authority(self.folder, "serving-ca-1"))
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.folder / "service-account.key")
        self._write_users({})

    # Files

    def replace_serving_certificate(self, authority):
        """The API server notices the new pair by itself; clients find the new authority in ca_file."""
        certificate, key = authority.issue("fresh", "/CN=kube-apiserver", "IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc")
        shutil.copy(key, self.folder / "serving.key")
        shutil.copy(certificate, self.folder / "serving.crt")
        fresh = self.folder / "ca.crt.new"
        shutil.copy(authority.certificate, fresh)
        fresh.rename(self.ca_file)

    def _write_users(self, tokens):
        rows = [f'{ADMIN_TOKEN},admin,admin,"system:masters"'] + [f"{token},{user},{user}" for user, token in tokens.items()]
        (self.folder / "tokens.csv").write_text("\n".join(rows) + "\n")

    def client_certificate(self, user):
        return self._client_authority.issue(f"client-{user}", f"/CN={user}")

    def kubeconfig(self, path, user, server=None, ca_file=None):
        """Writes a kubeconfig whose user entry is the mapping `user` (token, tokenFile, client-certificate…)."""
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "e2e",
                  "clusters": [{"name": "e2e", "cluster": {"server": server or self.url, "certificate-authority": str(ca_file or self.ca_file)}}],
                  "users": [{"name": "e2e", "user": user}],
                  "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}]}
        path = pathlib.Path(path)
        path.write_text(json.dumps(config))  # JSON is YAML
        path.chmod(0o600)
        return path

    def admin_kubeconfig(self):
        return self.kubeconfig(self.folder / "admin.kubeconfig", {"token": ADMIN_TOKEN})

    # Processes

    def start(self):
        """Starts both and waits until they are ready. A port can be taken between choosing and binding it: then once more."""
        for attempt in range(3):
            try:
                self._start_etcd()
                self.port = free_port()
                self.start_api_server()
                return self
            except ChildProcessError:
                self.stop()
                if attempt == 2:
                    raise

    def _spawn(self, name, command):
        log = open(self.folder / f"{name}.log", "ab")
        try:
            return subprocess.Popen([str(part) for part in command], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.folder,
                                    preexec_fn=end_with_parent)
        finally:
            log.close()

    def _await(self, name, process, ready):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ChildProcessError(f"{name} ended with {process.returncode}:\n{self.log_tail(name)}")
            try:
                if ready():
                    return
            except OSError:
                pass
            except Exception as error:  # noqa: BLE001 - an answer that is not yet the right one
                last = error
                del last
            time.sleep(0.05)
        raise TimeoutError(f"{name} was not ready within {START_SECONDS} s:\n{self.log_tail(name)}")

    def log_tail(self, name, lines=30):
        return "\n".join((self.folder / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])

    def _start_etcd(self):
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self._etcd_url = client
        shutil.rmtree(self.folder / "etcd", ignore_errors=True)
        self._etcd = self._spawn("etcd", [self._programs / "etcd", "--data-dir", self.folder / "etcd", "--unsafe-no-fsync", "--log-level", "warn",
                                          "--listen-client-urls", client, "--advertise-client-urls", client,
                                          "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"])
        self._await("etcd", self._etcd, lambda: b'"true"' in urllib.request.urlopen(client + "/health", timeout=5).read())

    def start_api_server(self):
        self._api_server = self._spawn("kube-apiserver", [
            self._programs / "kube-apiserver", "--etcd-servers", self._etcd_url, "--etcd-compaction-interval", "0",
            "--bind-address", "127.0.0.1", "--secure-port", self.port, "--service-cluster-ip-range", "10.0.0.0/16",
            "--tls-cert-file", self.folder / "serving.crt", "--tls-private-key-file", self.folder / "serving.key",
            "--client-ca-file", self._client_authority.certificate, "--token-auth-file", self.folder / "tokens.csv",
            "--authorization-mode", "Node,RBAC", "--allow-privileged=true",
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", self.folder / "service-account.key",
            "--service-account-signing-key-file", self.folder / "service-account.key",
            # No controller makes ServiceAccounts here, takes finalizers off volumes or the first taint off nodes; what rests on that would wait for ever.
            "--disable-admission-plugins", "ServiceAccount,StorageObjectInUseProtection,TaintNodesByCondition", *self._extra_arguments])
        self.url = f"https://127.0.0.1:{self.port}"
        self._await("kube-apiserver", self._api_server, lambda: self.admin.get("/readyz") == "ok")

    @property
    def admin(self):
        return self.client(ADMIN_TOKEN)

    def client(self, token):
        return Client("127.0.0.1", self.port, self.ca_file, token)

    def kill_api_server(self):
        self._api_server.kill()
        self._api_server.wait()
        self._api_server = None

    def stop(self):
        for process in (self._api_server, self._etcd):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self._api_server = self._etcd = None

    # etcd

    def compact(self):
        """Drops every revision of etcd but the newest; continue tokens of older ones are void from now on."""

        def call(path, body):
            request = urllib.request.Request(self._etcd_url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
            return json.load(urllib.request.urlopen(request, timeout=10))

        revision = call("/v3/kv/range", {"key": "AA=="})["header"]["revision"]
        call("/v3/kv/compaction", {"revision": revision, "physical": True})
        return int(revision)

# SPDX-License-Identifier: Apache-2.0
"""A control plane for the whole run, fresh namespaces and users for each test, and the program under test."""
import itertools
import json
import os
import pathlib
import signal
import subprocess
import urllib.error
import urllib.request

import pytest
import yaml
from control_plane import ControlPlane, free_port
from staging import Stage, read_documents, unfold


@pytest.fixture(scope="session")
def programs():
    folder = os.environ.get("SEAWORTHY_CONTROLPLANE")
    assert folder, "SEAWORTHY_CONTROLPLANE names the folder of etcd and kube-apiserver: run this through `make e2e`"
    return pathlib.Path(folder)


@pytest.fixture(scope="session")
def control_plane(programs, tmp_path_factory):
    plane = ControlPlane(tmp_path_factory.mktemp("control-plane"), programs)
    try:
        yield plane.start()
    finally:
        plane.stop()


@pytest.fixture(scope="session")
def own_control_plane(programs, tmp_path_factory):
    """own_control_plane(*arguments): one more, for a test that breaks it or that counts what is in it."""
    planes = []

    def start(*arguments):
        planes.append(ControlPlane(tmp_path_factory.mktemp("own-control-plane"), programs, arguments))
        return planes[-1].start()

    yield start
    for plane in planes:
        plane.stop()


@pytest.fixture(scope="session")
def admin(control_plane):
    return control_plane.admin


@pytest.fixture
def namespace(admin):
    """A new namespace; gone after the test."""
    name = f"e2e-{next(_numbers)}"
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    admin.delete_namespace(name)


_numbers = itertools.count(1)


@pytest.fixture
def stage(admin):
    """stage.load(manifests): in the shared control plane until the test ends."""
    one = Stage(admin)
    yield one
    one.clear()


@pytest.fixture(scope="session")
def fleet():
    """Manifests of a small cluster with something of every kind: one namespace in good order, one not."""
    return [manifest for path in sorted((pathlib.Path(__file__).parent / "manifests").glob("*.yaml"))
            for document in read_documents(path) for manifest in unfold(document)]


@pytest.fixture(scope="session")
def run(binary):
    """run(*arguments, status=0): the program's finished process; fails where the exit status is another one."""

    def call(*arguments, status=0, environment=None, timeout=120, **options):
        done = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                              env={**clean_environment(), **(environment or {})}, **options)
        assert status is None or done.returncode == status, f"exit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done

    return call


def clean_environment():
    """Nothing of the tester's own clusters and proxies."""
    own = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "SEAWORTHY_CONFIG",
           "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    return {name: value for name, value in os.environ.items() if name not in own}


@pytest.fixture
def audit(run):
    """audit(kubeconfig, *arguments): the JSON report."""

    def call(kubeconfig, *arguments, **options):
        return json.loads(run("audit", "--kubeconfig", kubeconfig, "-o", "json", *arguments, **options).stdout)

    return call


@pytest.fixture(scope="session")
def printed_rbac(run):
    """What `seaworthy rbac` prints, as manifests."""
    return [manifest for manifest in yaml.safe_load_all(run("rbac", "-o", "yaml").stdout) if manifest]


class Daemon:
    """`seaworthy serve` on free loopback ports."""

    def __init__(self, binary, folder, kubeconfig, config):
        self.main, self.probe = free_port(), free_port()
        config = {**config, "http": {**config.get("http", {}), "listen": f"127.0.0.1:{self.main}", "probeListen": f"127.0.0.1:{self.probe}"}}
        self.config = folder / "seaworthy.yaml"
        self.config.write_text(yaml.safe_dump(config))
        self.log = folder / "daemon.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(binary), "serve", "--config", str(self.config), "--kubeconfig", str(kubeconfig)],
                                            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=clean_environment(), cwd=folder)

    def get(self, path, port=None, timeout=10):
        """(status, text); an HTTP error is an answer too."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.main}{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def report(self):
        status, text = self.get("/api/v1/report")
        assert status == 200, text[:500]
        return json.loads(text)

    def live(self):
        return self.get("/livez", self.probe)[0] == 200

    def ready(self):
        return self.get("/readyz", self.probe)[0] == 200

    def metrics(self):
        """{series as text: value} of the text exposition."""
        status, text = self.get("/metrics")
        assert status == 200, text[:500]
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line and not line.startswith("#")}

    def stop(self):
        """The exit status after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return None
        return self.process.returncode


@pytest.fixture
def daemon(binary, tmp_path, eventually):
    """daemon(kubeconfig, config={}): a running one that has published its first report; stopped after the test, which must be orderly."""
    running = []

    def start(kubeconfig, config=None):
        one = Daemon(binary, tmp_path, kubeconfig, {"audit": {"interval": "2s"}, **(config or {})})
        running.append(one)

        def is_ready():
            assert one.process.poll() is None, f"ended with {one.process.returncode}"
            return one.ready()

        try:
            eventually(is_ready, 60, "a first report")
        except BaseException:
            print(one.log.read_text()[-4000:])
            raise
        return one

    yield start
    statuses = [(one, one.stop()) for one in running]
    for one, status in statuses:
        assert status == 0, f"exit status {status} after SIGTERM:\n{one.log.read_text()[-4000:]}"

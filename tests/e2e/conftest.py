# SPDX-License-Identifier: Apache-2.0
"""A control plane for the whole run, fresh namespaces and users for each test, and the program under test."""
import concurrent.futures
import datetime
import itertools
import json
import os
import pathlib
import subprocess
import threading

import pytest
import yaml
from control_plane import ControlPlane
from processes import clean_environment
from siem import auditing, certificates, receiver_programs, started, told  # noqa: F401 - fixtures
from soak import slow_soak
from staging import Stage, live_configuration, parse_time, read_documents, shifted, unfold


SOAK_SECONDS = 600
SOAK_EVENTS_PER_SECOND = 600


def pytest_collection_modifyitems(items):
    """What is started with the first test is judged by the last."""
    items.sort(key=lambda item: "finished_soak" in item.fixturenames)


@pytest.fixture(scope="session", autouse=True)
def begin_early(request):
    if any("finished_soak" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("finished_soak")


@pytest.fixture(scope="session")
def finished_soak(binary, tmp_path_factory):
    """finished_soak(): waits for the end of a soak that began with the session, and gives what came of it."""
    program = binary.parent / "tests" / "event_soak"
    stop = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        future = thread.submit(slow_soak, program, tmp_path_factory.mktemp("soak"), SOAK_SECONDS, 340, SOAK_EVENTS_PER_SECOND, stop)
        yield lambda: future.result(SOAK_SECONDS + 180)
        stop.set()


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
def kubectl(programs, control_plane, tmp_path):
    """kubectl(*arguments): as the cluster's administrator."""
    def call(*arguments):
        command = [programs / "kubectl", "--kubeconfig", control_plane.admin_kubeconfig(), "--cache-dir", tmp_path / "kubectl-cache", *arguments]
        subprocess.run([str(part) for part in command], check=True, timeout=60, env=clean_environment(), stdout=subprocess.DEVNULL)

    return call


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


# What is loaded here is seconds old, and by default an audit leaves young objects alone.
JUDGE_YOUNG = {"audit": {"minAge": "0s"}}


@pytest.fixture(scope="session")
def young(tmp_path_factory):
    """A configuration file under which young objects are judged."""
    path = tmp_path_factory.mktemp("configuration") / "seaworthy.yaml"
    path.write_text(yaml.safe_dump(JUDGE_YOUNG))
    return path


@pytest.fixture(scope="session")
def audit(run, young):
    """audit(kubeconfig, *arguments): the JSON report, young objects judged."""

    def call(kubeconfig, *arguments, **options):
        return json.loads(run("audit", "--kubeconfig", kubeconfig, "--config", young, "-o", "json", *arguments, **options).stdout)

    return call


@pytest.fixture(scope="session")
def printed_rbac(run):
    """What `seaworthy rbac` prints, as manifests."""
    return [manifest for manifest in yaml.safe_load_all(run("rbac", "-o", "yaml").stdout) if manifest]


@pytest.fixture
def judge(run):
    """judge(check, *arguments): {object: status} of one audit."""

    def call(check, *arguments):
        report = json.loads(run("audit", *arguments, "-o", "json", "--show", "all", "--checks", check).stdout)
        return {(result["object"]["kind"], result["object"]["namespace"], result["object"]["name"]): result["status"]
                for result in report["results"] if result["check"] == check}

    return call


@pytest.fixture
def stage_and_judge_in(judge, tmp_path):
    """stage_and_judge_in(control plane, check, snapshot spec, objects): the verdicts of a case on a live cluster."""
    config = tmp_path / "seaworthy.yaml"

    def call(plane, check, snapshot, objects):
        by = datetime.datetime.now(datetime.timezone.utc) - parse_time(snapshot["takenAt"])
        config.write_text(yaml.safe_dump(live_configuration(snapshot.get("config") or {})))
        stage = Stage(plane.admin)
        try:
            stage.load([shifted(manifest, by) for manifest in objects])
            return judge(check, "--kubeconfig", plane.admin_kubeconfig(), "--config", config)
        finally:
            stage.clear()

    return call

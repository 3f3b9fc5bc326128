# SPDX-License-Identifier: Apache-2.0
"""The API server goes away, credentials change: the daemon stays, serves what it knows and says how old that is."""
import pytest
from control_plane import Authority
from processes import Daemon


@pytest.fixture
def plane(own_control_plane, printed_rbac):
    plane = own_control_plane()
    admin = plane.admin
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seaworthy"}})
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    for manifest in printed_rbac:
        if not (manifest["kind"] == "Namespace" and manifest["metadata"]["name"] == "seaworthy"):
            admin.create(manifest)
    return plane


@pytest.fixture
def account(printed_rbac):
    [binding] = [manifest for manifest in printed_rbac if manifest["kind"] == "ClusterRoleBinding"]
    return binding["subjects"][0]["namespace"], binding["subjects"][0]["name"]


@pytest.fixture
def watched(plane, account, daemon, tmp_path):
    """(plane, daemon, token file) of a daemon that reads its token and its CA from files, as in a pod."""
    token_file = tmp_path / "token"
    token_file.write_text(plane.admin.service_account_token(*account))
    kubeconfig = plane.kubeconfig(tmp_path / "kubeconfig", {"tokenFile": str(token_file)})
    return plane, daemon(kubeconfig, {"audit": {"interval": "2s", "timeout": "20s"}}), token_file


def generated(daemon):
    return daemon.report()["metadata"]["generatedAt"]


def fresh_report(daemon, eventually, what):
    before = generated(daemon)
    eventually(lambda: generated(daemon) > before, 90, what)


def fails(daemon, eventually):
    eventually(lambda: daemon.metrics()["seaworthy_audit_last_run_successful"] == 0, 60, "an audit that failed")


def test_a_killed_api_server_leaves_the_daemon_alive_with_its_last_report_and_its_age(watched, eventually):
    plane, daemon, _ = watched
    plane.kill_api_server()
    fails(daemon, eventually)
    report, success = generated(daemon), daemon.metrics()["seaworthy_audit_last_success_timestamp_seconds"]

    failures = sum(value for name, value in daemon.metrics().items() if name.startswith("seaworthy_audit_failures_total"))
    eventually(lambda: sum(value for name, value in daemon.metrics().items() if name.startswith("seaworthy_audit_failures_total")) > failures,
               60, "one more failed audit")

    assert daemon.live() and daemon.ready()
    assert generated(daemon) == report, "the last report stays"
    assert daemon.metrics()["seaworthy_audit_last_success_timestamp_seconds"] == success, "its age is exported"
    assert [name for name in daemon.metrics() if name.startswith('seaworthy_namespace_info{') and 'namespace="shop"' in name]
    assert daemon.get("/")[0] == 200

    plane.start_api_server()
    fresh_report(daemon, eventually, "a report after the API server came back")
    eventually(lambda: daemon.metrics()["seaworthy_audit_last_run_successful"] == 1, what="success")


def test_a_rotated_token_is_picked_up_without_a_restart(watched, account, eventually):
    plane, daemon, token_file = watched
    # A new ServiceAccount of the same name: the old token is void at once.
    plane.admin.delete("v1", "ServiceAccount", account[1], account[0])
    fails(daemon, eventually)
    assert daemon.live()

    plane.admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account[1], "namespace": account[0]}})
    fresh = token_file.with_suffix(".new")
    fresh.write_text(plane.admin.service_account_token(*account))
    fresh.rename(token_file)

    fresh_report(daemon, eventually, "a report with the new token")
    assert daemon.report()["gaps"] == []


def test_a_replaced_serving_certificate_of_a_new_authority_is_trusted_once_its_file_is(watched, eventually):
    plane, daemon, _ = watched
    plane.replace_serving_certificate(Authority(plane.folder, "serving-ca-2"))
    plane.kill_api_server()
    plane.start_api_server()

    fresh_report(daemon, eventually, "a report from the server with the new certificate")
    assert daemon.live()


def test_a_daemon_that_starts_before_the_api_server_waits_for_it(plane, account, binary, tmp_path, eventually):
    token = plane.admin.service_account_token(*account)
    kubeconfig = plane.kubeconfig(tmp_path / "kubeconfig", {"token": token})
    plane.kill_api_server()
    daemon = Daemon(binary, tmp_path, kubeconfig, {"audit": {"interval": "2s", "timeout": "20s"}})
    try:
        eventually(daemon.live, what="the probe listener")
        eventually(lambda: daemon.metrics()["seaworthy_audit_last_run_successful"] == 0, what="a failed audit in the metrics")
        assert not daemon.ready()
        plane.start_api_server()
        eventually(daemon.ready, 90, "the first report")
    finally:
        assert daemon.stop() == 0

# SPDX-License-Identifier: Apache-2.0
"""Two replicas on a real API server: one leads, and the other takes over however the first one ends."""
import signal
import time

import pytest
import yaml
from processes import Daemon

ELECTION = {"enabled": True, "leaseDuration": "3s", "renewDeadline": "2s", "retryPeriod": "300ms"}


@pytest.fixture
def replicas(binary, control_plane, namespace, tmp_path, eventually):
    """replicas(standby="warm"): two running daemons that compete for one Lease."""
    running = []

    def start(standby="warm"):
        for number in range(2):
            folder = tmp_path / f"replica-{number}"
            folder.mkdir()
            running.append(Daemon(binary, folder, control_plane.admin_kubeconfig(),
                                  {"audit": {"interval": "2s"}, "leaderElection": {**ELECTION, "namespace": namespace, "standby": standby}}))
        for one in running:
            eventually(one.ready, 60, "a daemon that is ready")
        return running

    yield start
    for one in running:
        one.stop()


def leaders(replicas):
    return [one for one in replicas if one.process.poll() is None and one.metrics()["seaworthy_leader"] == 1]


def compliance(one):
    return [series for series in one.metrics() if series.startswith("seaworthy_cluster_score_ratio")]


def test_one_of_two_leads_and_only_it_exposes_the_compliance_metrics(replicas, eventually):
    both = replicas()

    leader = eventually(lambda: leaders(both), what="a leader")
    assert len(leader) == 1
    standby = next(one for one in both if one is not leader[0])
    assert compliance(leader[0]) and not compliance(standby)
    assert standby.report()["kind"] == "Report", "a warm standby serves page and API"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["in order", "without a word"])
def test_the_standby_takes_over_when_the_leader_ends(replicas, eventually, end):
    both = replicas()
    leader = eventually(lambda: leaders(both), what="a leader")[0]
    standby = next(one for one in both if one is not leader)

    began = time.monotonic()
    leader.process.send_signal(end)
    leader.process.wait(10)
    eventually(lambda: leaders([standby]), 20, "the other one leading")
    # A Lease that was given up is free at once; one that was not has to run out.
    assert end == signal.SIGKILL or time.monotonic() - began < 3 + 2
    eventually(lambda: compliance(standby), what="its compliance metrics")


def test_a_leader_that_hangs_leads_no_more_when_it_wakes(replicas, eventually):
    both = replicas()
    leader = eventually(lambda: leaders(both), what="a leader")[0]
    standby = next(one for one in both if one is not leader)

    leader.process.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: leaders([standby]), 20, "the other one leading")
    finally:
        leader.process.send_signal(signal.SIGCONT)
    eventually(lambda: leader.metrics()["seaworthy_leader"] == 0, what="the first one's insight")
    assert leaders(both) == [standby]


def test_a_cold_standby_is_ready_and_audits_only_once_it_leads(replicas, eventually):
    both = replicas("cold")
    leader = eventually(lambda: leaders(both), what="a leader")[0]
    standby = next(one for one in both if one is not leader)
    assert standby.ready()

    leader.process.send_signal(signal.SIGTERM)
    eventually(lambda: compliance(standby), 30, "the standby's first audit")


def test_the_printed_rights_are_enough_for_an_election(run, tmp_path):
    config = tmp_path / "seaworthy.yaml"
    config.write_text(yaml.safe_dump({"leaderElection": {"enabled": True, "namespace": "ops"}}))

    roles = [manifest for manifest in yaml.safe_load_all(run("rbac", "--config", config).stdout) if manifest["kind"] == "Role"]

    assert [(role["metadata"]["namespace"], sorted(verb for rule in role["rules"] for verb in rule["verbs"])) for role in roles] == [("ops", ["create", "get", "update"])]

# SPDX-License-Identifier: Apache-2.0
"""A cluster without a cluster: the replay API server as a process, driven line by line."""
import json
import subprocess

import pytest
from processes import clean_environment

CLUSTER = """apiVersion: seaworthy.dev/v1
kind: Snapshot
spec:
  takenAt: "2026-11-22T04:00:00Z"
  server: {git_version}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-system, uid: 0f, creationTimestamp: "2026-01-01T08:00:00Z"}
status: {phase: Active}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, uid: 0a, labels: {team: a}, creationTimestamp: "2026-01-01T08:00:00Z"}
status: {phase: Active}
---
apiVersion: v1
kind: Node
metadata: {name: worker-1, uid: 0e, creationTimestamp: "2026-01-01T08:00:00Z"}
spec: {providerID: "kind://docker/k/worker-1"}
status:
  nodeInfo: {kubeletVersion: v1.36.3, containerRuntimeVersion: "containerd://2.1.4", osImage: x, operatingSystem: linux, architecture: amd64}
  conditions: [{type: Ready, status: "True"}]
"""


def workload(name, namespace="shop"):
    """A Deployment and its pod, as a cluster has them."""
    labels, owner = {"app": name}, {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{name}-1", "uid": f"rs-{name}", "controller": True}
    spec = {"hostNetwork": True, "containers": [{"name": "main", "image": f"nginx:{len(name)}", "securityContext": {"privileged": True}}]}
    old = "2026-01-02T08:00:00Z"
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace, "uid": f"d-{name}", "creationTimestamp": old},
         "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}},
        {"apiVersion": "apps/v1", "kind": "ReplicaSet",
         "metadata": {"name": f"{name}-1", "namespace": namespace, "uid": f"rs-{name}", "creationTimestamp": old,
                      "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": f"d-{name}", "controller": True}]},
         "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}},
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": f"{name}-1-x", "namespace": namespace, "uid": f"p-{name}", "labels": labels, "creationTimestamp": old, "ownerReferences": [owner]},
         "spec": {"nodeName": "worker-1", **spec}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
    ]


class ReplayServer:
    def __init__(self, program, *arguments):
        self._process = subprocess.Popen([str(program), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http"), "the replay server did not start"

    def tell(self, **command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def faults(self, *faults):
        self.tell(faults=list(faults))

    def requests(self):
        return self.tell(requests=True)["requests"]

    def stop(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(20)


def write_kubeconfig(path, server, token="t"):
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "only",
                                "clusters": [{"name": "replayed", "cluster": {"server": server}}], "users": [{"name": "only", "user": {"token": token}}],
                                "contexts": [{"name": "only", "context": {"cluster": "replayed", "user": "only"}}]}))
    return path


@pytest.fixture
def replay(binary, tmp_path):
    """replay(*arguments, workloads=3): (a running server with a small cluster, the path of a kubeconfig for it)."""
    running = []

    def start(*arguments, workloads=3):
        folder = tmp_path / "cluster"
        folder.mkdir(exist_ok=True)
        (folder / "cluster.yaml").write_text(CLUSTER.replace("{git_version}", "{gitVersion: v1.36.3}"))
        (folder / "workloads.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [
            thing for number in range(workloads) for thing in workload(f"app-{number}")]}))
        server = ReplayServer(binary.parent / "tests" / "replay_server", *arguments, folder)
        running.append(server)
        return server, write_kubeconfig(tmp_path / "replay-kubeconfig", server.url)

    yield start
    for server in running:
        server.stop()

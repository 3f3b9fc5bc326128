# SPDX-License-Identifier: Apache-2.0
"""The chart before a real API server: installed, changed and taken away by Helm, applied as plain manifests, and judged by the program that it deploys."""
import json
import shutil

import pytest
import yaml
from custom_resources import Definitions, Kinds
from deployment import CHART, VALUES, build, by_key, helm, key, objects, render, workload
from kubernetes_client import ApiError
from processes import Daemon
from staging import read_documents

OPERATOR_KINDS = {("monitoring.coreos.com", kind) for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule")}
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest"}
# What the chart's ci files name and clusters have of their own.
NEEDED = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in ("shop", "shop-staging")] + [
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seaworthy-nodes", "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}}]


@pytest.fixture(scope="module")
def operator_kinds(control_plane, root, eventually):
    """The Prometheus Operator's resources, by its own definitions."""
    kinds = Kinds(control_plane.admin, Definitions(root), eventually)
    kinds.set(OPERATOR_KINDS)
    yield
    kinds.set(set())


@pytest.fixture
def restricted(admin, namespace):
    """A namespace in which Pod Security lets in restricted pods alone."""
    admin.request("PATCH", f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": RESTRICTED}}, content_type="application/merge-patch+json")
    return namespace


def apply(admin, manifest, **query):
    """Server-side apply; unknown and doubled fields are errors."""
    query = {"fieldManager": "e2e", "fieldValidation": "Strict", "force": "true", **query}
    return admin.request("PATCH", admin.path_of(manifest, named=True), manifest, query, content_type="application/apply-patch+yaml")


@pytest.fixture
def applied(admin):
    """applied(manifests): all of them in the cluster until the test ends."""
    done = []

    def call(manifests):
        for manifest in sorted(manifests, key=lambda manifest: manifest["kind"] != "Namespace"):
            done.append(apply(admin, manifest))
        return done

    yield call
    for manifest in reversed(done):
        if manifest["kind"] == "Namespace":
            admin.delete_namespace(manifest["metadata"]["name"])
        else:
            try:
                admin.delete(manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"], manifest["metadata"].get("namespace", ""))
            except ApiError as error:
                assert error.code == 404


def pod_of(owner):
    """The pod that a controller would make of a Deployment or StatefulSet."""
    template = owner["spec"]["template"]
    claims = [{"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": f"{claim['metadata']['name']}-{owner['metadata']['name']}-0"}}
              for claim in owner["spec"].get("volumeClaimTemplates", [])]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": "judged", "namespace": owner["metadata"]["namespace"]},
            "spec": {**template["spec"], "volumes": template["spec"]["volumes"] + claims}}


@pytest.mark.parametrize("values", VALUES)
def test_a_real_api_server_accepts_every_object_and_pod_security_the_pods(values, admin, stage, operator_kinds, restricted, applied):
    stage.load(NEEDED)
    rendered = render(files=(f"ci/{values}",), namespace=restricted)
    assert applied(rendered)

    assert admin.create(pod_of(workload(rendered)), dryRun="All", fieldValidation="Strict")["metadata"]["name"] == "judged"


def test_pod_security_would_refuse_what_the_chart_does_not_do(admin, restricted):
    pod = pod_of(workload(render(namespace=restricted)))
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    with pytest.raises(ApiError, match="violates PodSecurity"):
        admin.create(pod, dryRun="All")


@pytest.mark.parametrize("folder", ["base", "example"])
def test_a_real_api_server_accepts_what_kustomize_builds(folder, admin, operator_kinds, applied):
    assert applied(build(f"deploy/kustomize/{folder}"))


def test_helm_installs_changes_and_takes_away(control_plane, admin, restricted):
    def call(*arguments):
        return helm(*arguments, "--namespace", restricted, "--kubeconfig", control_plane.admin_kubeconfig())

    def replicas():
        return admin.get(f"/apis/apps/v1/namespaces/{restricted}/deployments/seaworthy")["spec"]["replicas"]

    call("install", "seaworthy", CHART, "--values", CHART / "ci/default-values.yaml")
    assert replicas() == 1
    call("upgrade", "seaworthy", CHART, "--reuse-values", "--set", "replicas=2")
    assert replicas() == 2
    assert admin.get(f"/apis/policy/v1/namespaces/{restricted}/poddisruptionbudgets/seaworthy")
    call("rollback", "seaworthy", "1")
    assert replicas() == 1
    call("uninstall", "seaworthy")
    for path in (f"/apis/apps/v1/namespaces/{restricted}/deployments", f"/api/v1/namespaces/{restricted}/configmaps", "/apis/rbac.authorization.k8s.io/v1/clusterroles"):
        assert "seaworthy" not in {item["metadata"]["name"] for item in admin.get(path)["items"]}


def test_a_daemon_with_the_charts_rights_and_configuration_audits_and_leads(binary, control_plane, admin, restricted, applied, tmp_path, eventually):
    rendered = render(namespace=restricted)
    applied(manifest for manifest in rendered if manifest["kind"] in ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"))
    config = next(yaml.safe_load(manifest["data"]["seaworthy.yaml"]) for manifest in rendered if manifest["kind"] == "ConfigMap")
    # A pod finds its namespace in a file that only a kubelet mounts.
    config["leaderElection"]["namespace"] = restricted
    kubeconfig = control_plane.kubeconfig(tmp_path / "daemon.kubeconfig", {"token": admin.service_account_token(restricted, "seaworthy")})
    daemon = Daemon(binary, tmp_path, kubeconfig, {**config, "audit": {"interval": "2s"}})
    try:
        eventually(daemon.ready, 60, "a report")
        eventually(lambda: daemon.metrics()["seaworthy_leader"] == 1, 30, "leadership")
        refused = [name for name, value in daemon.metrics().items() if name.startswith("seaworthy_audit_resource_accessible") and value == 0]
        assert not refused
        assert admin.get(f"/apis/coordination.k8s.io/v1/namespaces/{restricted}/leases/seaworthy")["spec"]["holderIdentity"]
    finally:
        assert daemon.stop() == 0


# We ask of ourselves what we ask of others.

def findings(report):
    return [f"{row['status']} {row['check']} {row['object']['kind']}/{row['object']['name']}: {row['message']}" for row in report["results"] if row["status"] in ("warn", "fail")]


def test_our_own_audit_of_our_own_manifests_finds_nothing(run, root, tmp_path):
    """As in a pipeline: the namespace as docs/deploy.md tells to make it, and the chart."""
    (tmp_path / "seaworthy.yaml").write_text(yaml.safe_dump({"namespaces": {"class": {"platform": ["seaworthy"]}}}))
    (tmp_path / "chart.yaml").write_text((root / "deploy/namespace.yaml").read_text() + "---\n" + yaml.safe_dump_all(render(
        ["image.digest=sha256:" + "0" * 64, "commonLabels.owner=platform-team", "replicas=2", "dashboards.enabled=true"])))
    report = json.loads(run("audit", tmp_path / "chart.yaml", "--config", tmp_path / "seaworthy.yaml", "-o", "json", "--show", "all").stdout)
    assert not findings(report)
    assert [(namespace["name"], namespace["score"]) for namespace in report["namespaces"]] == [("seaworthy", 100)]


# The chart's values of the team that runs the exemplary cluster: its registry, labels, addresses and Prometheus.
EXEMPLARY = """
image: {repository: registry.example.com/platform/seaworthy, tag: 0.9.0}
imagePullSecrets: [registry-credentials]
replicas: 2
commonLabels: {team: platform}
serviceMonitor: {enabled: true, labels: {release: monitoring}}
networkPolicy:
  from:
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
    podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}
  apiServer: {cidrs: [172.20.0.11/32, 172.20.0.12/32, 172.20.0.13/32], ports: [6443]}
  egress:
  - to: [{ipBlock: {cidr: 198.51.100.10/32}}, {ipBlock: {cidr: 198.51.100.60/32}}]
    ports: [{protocol: TCP, port: 443}]
"""
# What the team does by hand there: the other files of that namespace, with its policies for traffic that the chart has its own for.
MADE_BY_THE_CHART = {("NetworkPolicy", "allow-metrics"), ("NetworkPolicy", "allow-seaworthy-to-api-server"), ("NetworkPolicy", "allow-probes"), ("ServiceMonitor", "all-services")}


def as_controllers_would(ours, there, template):
    """An object of the cluster with what the chart says in place of what it said: name, owner, status and times stay."""
    kind = there["kind"]
    if kind == "EndpointSlice":
        return {**there, "ports": [{"name": "http", "port": 9817, "protocol": "TCP"}]}
    if kind in ("ReplicaSet", "Pod"):
        hashed = {"pod-template-hash": there["metadata"]["labels"]["pod-template-hash"]}
        labels = {**template["metadata"]["labels"], **hashed}
        metadata = {**there["metadata"], "labels": labels, "annotations": {**there["metadata"].get("annotations", {}), **template["metadata"]["annotations"]}}
        if kind == "ReplicaSet":
            return {**there, "metadata": metadata, "spec": {**there["spec"], "selector": {"matchLabels": {**ours["spec"]["selector"]["matchLabels"], **hashed}},
                                                             "template": {**template, "metadata": {**template["metadata"], "labels": labels}}}}
        [token] = [volume for volume in there["spec"]["volumes"] if volume["name"] == "kube-api-access"]
        [container] = template["spec"]["containers"]
        mounted = container["volumeMounts"] + there["spec"]["containers"][0]["volumeMounts"]
        spec = {**template["spec"], "nodeName": there["spec"]["nodeName"], "volumes": template["spec"]["volumes"] + [token], "containers": [{**container, "volumeMounts": mounted}]}
        return {**there, "metadata": metadata, "spec": spec}
    metadata = {**there["metadata"], "labels": {**ours["metadata"]["labels"], "app.kubernetes.io/managed-by": "argocd"}}
    return {**there, **ours, "metadata": metadata}


def with_the_chart(exemplary, rendered):
    """Objects of the exemplary cluster's namespace `seaworthy`, the daemon as the chart deploys it."""
    ours = by_key(rendered)
    deployment = workload(rendered)
    made = []
    for there in read_documents(exemplary / "seaworthy.yaml"):
        if (there["kind"], there["metadata"]["name"]) in MADE_BY_THE_CHART:
            continue
        if there["kind"] == "AuthorizationPolicy":
            there["spec"]["rules"][0]["to"] = [{"operation": {"ports": ["9817"]}}]
        match = ours.pop(key(there), None)
        if there["kind"] in ("ReplicaSet", "Pod", "EndpointSlice"):
            made.append(as_controllers_would(deployment, there, deployment["spec"]["template"]))
        else:
            made.append(as_controllers_would(match, there, None) if match else there)
    for manifest in ours.values():
        manifest["metadata"] |= {"uid": f"00000000-0000-4000-8000-{len(made):012}", "creationTimestamp": "2026-09-01T08:00:00Z"}
        made.append(manifest)
    return made


def test_our_own_audit_finds_nothing_in_the_exemplary_cluster_with_our_chart_in_it(run, root, tmp_path):
    exemplary = root / "tests/reference/exemplary"
    shutil.copytree(exemplary, tmp_path / "cluster")
    (tmp_path / "values.yaml").write_text(EXEMPLARY)
    made = with_the_chart(exemplary, objects(helm("template", "seaworthy", CHART, "--namespace", "seaworthy", "--values", tmp_path / "values.yaml").stdout))
    (tmp_path / "cluster/seaworthy.yaml").write_text(yaml.safe_dump_all(made))

    report = json.loads(run("audit", tmp_path / "cluster", "-o", "json", "--show", "all").stdout)

    # The rights are for every kind that checks know; in any one cluster some of these are not served, which costs no points.
    [unserved] = findings(report)
    assert unserved.startswith("warn rbac-ineffective-or-unused ClusterRole/seaworthy: A rule has no effect: group argoproj.io has no resource argocds")
    [ours] = [namespace for namespace in report["namespaces"] if namespace["name"] == "seaworthy"]
    assert ours["score"] == 100 and ours["coverage"] >= 90, ours
    assert report["score"] == 100

# SPDX-License-Identifier: Apache-2.0
"""What Helm and kustomize render: the same objects, the rights that the program prints, and nothing that the values' schema forbids."""
import itertools
import json

import pytest
import yaml
from deployment import CHART, VALUES, build, by_key, helm, key, manifests, objects, render, tool, workload

GRANTS = ("CM", "CMA", "SE", "ME")
CLUSTER_SCOPED = ("ClusterRole", "ClusterRoleBinding", "Namespace")


@pytest.mark.parametrize("values", VALUES)
def test_helm_lint_has_no_complaint(values):
    helm("lint", "--strict", CHART, "--values", CHART / "ci" / values)


@pytest.mark.parametrize("values", VALUES)
def test_every_object_has_a_name_of_its_own_a_namespace_and_the_labels_that_we_ask_of_others(values):
    rendered = render(files=(f"ci/{values}",))
    by_key(rendered)
    for manifest in rendered:
        assert (manifest["kind"] in CLUSTER_SCOPED) == ("namespace" not in manifest["metadata"]), key(manifest)
        labels = manifest["metadata"]["labels"]
        assert {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/part-of"} <= set(labels), key(manifest)


@pytest.mark.parametrize("values", VALUES)
def test_the_program_accepts_the_configuration(values, run, tmp_path):
    config = next(manifest for manifest in render(files=(f"ci/{values}",)) if manifest["kind"] == "ConfigMap" and "seaworthy.yaml" in manifest["data"])
    (tmp_path / "seaworthy.yaml").write_text(config["data"]["seaworthy.yaml"])
    run("config", "validate", tmp_path / "seaworthy.yaml")


def test_the_schema_knows_every_value_and_no_other():
    schema = json.loads((CHART / "values.schema.json").read_text())

    def compare(part, values, path):
        known = part.get("properties")
        if known and isinstance(values, dict) and path != ".config":
            assert not set(values) - set(known), path
            assert set(known) - set(values) <= {"global"}, f"{path}: the schema has keys that values.yaml does not show"
            for name, value in values.items():
                compare(known[name], value, f"{path}.{name}")

    compare(schema, yaml.safe_load((CHART / "values.yaml").read_text()), "")


@pytest.mark.parametrize("values, complaint", [
    (["image.repository="], "/image/repository"),
    (["image.digest=sha256:short"], "/image/digest"),
    (["replica=2"], "replica"),
    (["replicas=two"], "/replicas"),
    (["rbac.grants={ROOT}"], "/rbac/grants"),
    (["config.audit.intervall=5m"], "intervall"),
    (["config.controls.checks.no-such-check.enabled=false"], "no-such-check"),
    (["serviceMonitor.interval=often"], "/serviceMonitor/interval"),
    (["nodeProbe.hostPaths={etc}"], "/nodeProbe/hostPaths"),
    (["service.port=99999"], "/service/port"),
    (["resources.limits.memory=much"], "/resources/limits/memory"),
])
def test_a_wrong_value_is_refused_by_its_name(values, complaint):
    flags = [flag for value in values for flag in ("--set", value)]
    refused = helm("template", "seaworthy", CHART, "--values", CHART / "ci/default-values.yaml", *flags, status=1)
    assert complaint in refused.stderr, refused.stderr


# Rights

def rights(rendered, service_account=("seaworthy", "seaworthy")):
    """{(namespace or "" for the cluster, verb, group, resource or path, object name)} that bindings give to the ServiceAccount."""
    roles = {key(manifest): manifest for manifest in rendered if manifest["kind"] in ("Role", "ClusterRole")}
    found = set()
    for manifest in rendered:
        if manifest["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        assert [(subject["kind"], subject["namespace"], subject["name"]) for subject in manifest["subjects"]] == [("ServiceAccount", *service_account)]
        namespace = manifest["metadata"].get("namespace", "")
        role = roles.pop((manifest["roleRef"]["kind"], namespace, manifest["roleRef"]["name"]))
        for rule in role["rules"]:
            what = [("", path) for path in rule.get("nonResourceURLs", [])] or itertools.product(rule["apiGroups"], rule["resources"])
            found |= {(namespace, verb, *one, name) for one in what for verb in rule["verbs"] for name in rule.get("resourceNames", [""])}
    assert not roles, f"bound to nobody: {sorted(roles)}"
    return found


def printed(run, tmp_path, *arguments):
    """The rights that `seaworthy rbac` prints for a daemon that elects a leader."""
    (tmp_path / "elects.yaml").write_text("leaderElection: {enabled: true}\n")
    return rights(objects(run("rbac", "--config", tmp_path / "elects.yaml", *arguments).stdout))


@pytest.mark.parametrize("grants", [chosen for size in range(len(GRANTS) + 1) for chosen in itertools.combinations(GRANTS, size)], ids=lambda grants: "+".join(grants) or "none")
def test_the_rights_are_those_that_the_program_prints_for_the_grants(grants, run, tmp_path):
    chosen = [f"rbac.grants={{{','.join(grants)}}}"] if grants else []
    assert rights(render(chosen)) == printed(run, tmp_path, *[flag for grant in grants for flag in ("--with", grant)])


@pytest.mark.parametrize("grants", [(), ("SE",), ("CM", "CMA", "SE")], ids=lambda grants: "+".join(grants) or "none")
def test_the_rights_in_single_namespaces_are_those_that_the_program_prints(grants, run, tmp_path):
    chosen = ["rbac.namespaces={shop,billing}"] + ([f"rbac.grants={{{','.join(grants)}}}"] if grants else [])
    rendered = render(chosen)
    assert rights(rendered) == printed(run, tmp_path, "--namespaced", "--audit", "shop,billing", *[flag for grant in grants for flag in ("--with", grant)])
    assert not [key(manifest) for manifest in rendered if manifest["kind"].startswith("Cluster")]


def test_roles_for_config_maps_are_made_only_where_there_are_such_namespaces():
    roles = [manifest for manifest in render(["rbac.grants={CM}", "rbac.configMapNamespaces={kube-system}"]) if manifest["metadata"]["name"] == "seaworthy-configmaps"]
    assert {(manifest["kind"], manifest["metadata"]["namespace"]) for manifest in roles} == {("Role", "kube-system"), ("RoleBinding", "kube-system")}


def test_the_daemon_knows_which_grants_and_namespaces_it_has():
    config = next(manifest for manifest in render(["rbac.grants={SE,CM}", "rbac.namespaces={shop}"]) if manifest["kind"] == "ConfigMap")
    config = yaml.safe_load(config["data"]["seaworthy.yaml"])
    assert config["kubernetes"]["grants"] == ["SE", "CM"]
    assert config["namespaces"]["include"] == ["shop"]


# Shape

def test_nothing_of_a_pod_is_privileged_and_its_root_cannot_be_written():
    for values in VALUES:
        pod = workload(render(files=(f"ci/{values}",)))["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 65532
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"]["readOnlyRootFilesystem"] and not container["securityContext"]["allowPrivilegeEscalation"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert not {"hostPath"} & {kind for volume in pod["volumes"] for kind in volume}
        assert [variable["name"] for variable in container["env"]] == ["SEAWORTHY_CONFIG"], "secrets come as files"


def test_replicas_with_disks_of_their_own_are_a_stateful_set_and_share_nothing():
    stateful = workload(render(["persistence.enabled=true", "replicas=2"]))
    assert stateful["kind"] == "StatefulSet"
    assert [claim["metadata"]["name"] for claim in stateful["spec"]["volumeClaimTemplates"]] == ["state"]
    assert "state" not in [volume["name"] for volume in stateful["spec"]["template"]["spec"]["volumes"]]
    assert workload(render())["kind"] == "Deployment"


def test_one_replica_has_no_disruption_budget_and_several_have_one():
    assert not [manifest for manifest in render() if manifest["kind"] == "PodDisruptionBudget"]
    assert len([manifest for manifest in render(["replicas=2"]) if manifest["kind"] == "PodDisruptionBudget"]) == 1


def test_new_pods_come_only_with_what_is_read_at_the_start():
    def template(*values):
        return workload(render(values))["spec"]["template"]

    assert template() == template("config.audit.interval=7m")
    assert template() != template("config.leaderElection.leaseDuration=30s")


def test_the_rules_and_boards_are_the_committed_ones(root):
    rendered = by_key(render(files=("ci/everything-values.yaml",)))
    groups = rendered["PrometheusRule", "seaworthy", "seaworthy"]["spec"]["groups"]
    committed = [group for name in ("rules.yaml", "optional-rules.yaml") for group in yaml.safe_load((root / "deploy/prometheus" / name).read_text())["groups"]]
    as_documented = json.loads(json.dumps(committed).replace("https://seaworthy.dev/docs/runbooks", "https://docs.example/runbooks"))
    assert groups == as_documented
    boards = {name: manifest for (kind, _, name), manifest in rendered.items() if kind == "ConfigMap" and "-dashboard-" in name}
    assert len(boards) == len(list((root / "dashboards").glob("*.json")))
    for name, manifest in boards.items():
        [(file, text)] = manifest["data"].items()
        assert manifest["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert json.loads(text) == json.loads((root / "dashboards" / file.removeprefix("seaworthy-")).read_text()), name


def test_monitors_keep_the_label_namespace_and_the_name_of_the_job():
    for values, kind in (("serviceMonitor.enabled=true", "ServiceMonitor"), ("podMonitor.enabled=true", "PodMonitor")):
        [monitor] = [manifest for manifest in render([values], release="other") if manifest["kind"] == kind]
        [endpoint] = monitor["spec"].get("endpoints") or monitor["spec"]["podMetricsEndpoints"]
        assert endpoint["honorLabels"] is True
        assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name", "alerts are about job seaworthy, whatever the release is called"


def test_the_node_probe_is_that_of_its_manifest(root):
    own = {manifest["kind"]: manifest for manifest in objects((root / "deploy/node-probe/node-probe.yaml").read_text())}
    rendered = {manifest["kind"]: manifest for manifest in render(["nodeProbe.enabled=true"]) if manifest["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "node-probe"}

    def judged(daemon_set):
        """What it runs as and may do; not how its volumes and labels are called."""
        spec = json.loads(json.dumps(daemon_set["spec"]["template"]["spec"]))
        [container] = spec["containers"]
        mounts = {mount.pop("name"): mount for mount in container.pop("volumeMounts")}
        spec["volumes"] = sorted(({"at": mounts[volume.pop("name")], **volume} for volume in spec["volumes"]), key=json.dumps)
        return spec

    assert judged(rendered["DaemonSet"]) == judged(own["DaemonSet"])
    assert rendered["ServiceAccount"]["automountServiceAccountToken"] is own["ServiceAccount"]["automountServiceAccountToken"] is False
    assert rendered["NetworkPolicy"]["spec"]["policyTypes"] == own["NetworkPolicy"]["spec"]["policyTypes"]


# Without Helm

def test_what_is_rendered_for_others_is_what_the_chart_renders_now(root):
    stale = [path for path, text in manifests.files(tool("helm")).items() if not (root / path).is_file() or (root / path).read_text() != text]
    assert not stale, f"out of date, run `make render`: {stale}"


def unmanaged(manifest):
    copy = json.loads(json.dumps(manifest))
    copy["metadata"]["labels"].pop("app.kubernetes.io/managed-by", None)
    for template in [copy["spec"]["template"]] if copy["kind"] == "Deployment" else []:
        template["metadata"]["labels"].pop("app.kubernetes.io/managed-by", None)
        # A patch puts its entries first; their order means nothing.
        for holder, field in ((template["spec"], "volumes"), (template["spec"]["containers"][0], "volumeMounts")):
            holder[field].sort(key=lambda entry: entry["name"])
    if copy["kind"] == "ConfigMap" and "seaworthy.yaml" in copy["data"]:
        copy["data"] = yaml.safe_load(copy["data"]["seaworthy.yaml"])
    return copy


def same(left, right):
    left, right = by_key(left), by_key(right)
    assert set(left) == set(right)
    for name in left:
        assert unmanaged(left[name]) == unmanaged(right[name]), name


def test_kustomize_builds_the_same_objects_as_the_file_for_kubectl(root):
    same(build("deploy/kustomize/base"), objects((root / "deploy/install.yaml").read_text()))


def test_kustomize_with_components_builds_what_helm_makes_of_the_same_choices(root):
    with_helm = by_key(render(["replicas=2", "serviceMonitor.enabled=true", "prometheusRule.enabled=true", "secretMounts[0].name=sinks", "secretMounts[0].secretName=seaworthy-sinks",
                               "image.repository=registry.example/platform/seaworthy"]))
    with_kustomize = by_key(build("deploy/kustomize/example"))
    for name, manifest in with_helm.items():
        if manifest["kind"] != "ConfigMap":
            assert unmanaged(with_kustomize[name]) == unmanaged(manifest), name
    boards = {board["metadata"]["name"] for board in with_kustomize.values() if board["metadata"].get("labels", {}).get("grafana_dashboard") == "1"}
    assert boards == {f"seaworthy-dashboard-{path.stem}" for path in (root / "dashboards").glob("*.json")}


def test_the_program_accepts_the_example_configuration_of_kustomize(run, root):
    run("config", "validate", root / "deploy/kustomize/example/seaworthy.yaml")
    run("config", "validate", root / "deploy/kustomize/base/seaworthy-config.yaml")

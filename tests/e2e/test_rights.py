# SPDX-License-Identifier: Apache-2.0
"""What the daemon may read, and what it says when it may not."""
import copy
import json

import pytest
from kubernetes_client import ApiError
from staging import Stage, crd

# Kinds of custom resources that checks know; the catalogue names resources only, and a definition needs a kind.
SCOPES = {"clustersecretstores": False, "clusterpolicies": False, "gatewayclasses": False, "clusterissuers": False}


@pytest.fixture(scope="module")
def plane(own_control_plane, fleet, printed_rbac):
    """A control plane of its own with the fleet on it, the printed RBAC, and a definition for each custom resource in it."""
    plane = own_control_plane()
    admin = plane.admin
    served = {group["name"] for group in admin.get("/apis")["groups"]} | {""}
    for group, resource in sorted(granted(printed_rbac)):
        if group not in served and "*" not in resource:
            admin.create(crd(resource, group, f"E2e{resource.capitalize()}", SCOPES.get(resource, not resource.startswith("cluster"))))
    Stage(admin).load(fleet)
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seaworthy"}})
    for manifest in printed_rbac:
        try:
            admin.create(manifest)
        except ApiError as error:
            assert error.code == 409
    return plane


def granted(manifests):
    """{(group, resource)} that may be listed cluster-wide."""
    return {(group, resource) for manifest in manifests if manifest["kind"] == "ClusterRole" for rule in manifest["rules"] if "list" in rule["verbs"]
            for group in rule.get("apiGroups", []) for resource in rule.get("resources", [])}


@pytest.fixture(scope="module")
def account(printed_rbac):
    """(namespace, name) of the ServiceAccount that the printed binding names."""
    [subject] = {(subject["namespace"], subject["name"]) for manifest in printed_rbac if manifest["kind"] == "ClusterRoleBinding" for subject in manifest["subjects"]}
    return subject


@pytest.fixture(scope="module")
def kubeconfig(plane, account, tmp_path_factory):
    token = plane.admin.service_account_token(*account)
    return plane.kubeconfig(tmp_path_factory.mktemp("kubeconfig") / "config", {"token": token})


@pytest.fixture(scope="module")
def everywhere(eventually, plane):
    """everywhere(): a function that waits until the definitions above are served."""
    eventually(lambda: all(condition_true(item, "Established") for item in plane.admin.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]),
               what="every custom resource being served")


def condition_true(item, kind):
    return any(condition["type"] == kind and condition["status"] == "True" for condition in item.get("status", {}).get("conditions", []))


def scores(report):
    """Every score of the report by what it is about."""
    found = {("cluster",): report["score"], ("cluster", "with exemptions"): report["scoreWithExemptions"]}
    for control in report["controls"]:
        found["control", control["id"]] = control["score"]
    for namespace in report["namespaces"]:
        found["namespace", namespace["name"]] = namespace["score"]
        for control in namespace["controls"]:
            found["namespace", namespace["name"], control["id"]] = control["score"]
    for tenant in report["tenants"]:
        found["tenant", tenant["name"]] = tenant["score"]
    return found


def risen(before, after):
    """Scores that went up. Where nothing had been judged, what appears is a zero: something could not be proven."""
    before, after = scores(before), scores(after)
    return {what: (before.get(what), score) for what, score in after.items() if score is not None and score > (before.get(what) or 0) + 1e-9}


def test_with_exactly_the_printed_rbac_the_report_has_no_gap(audit, kubeconfig, everywhere):
    report = audit(kubeconfig)

    assert report["gaps"] == []
    assert report["metadata"]["complete"] is True
    assert not [result for result in report["results"] if result["reason"] in ("forbidden", "timeout", "truncated", "malformed", "unavailable")
                and not result["grant"]]


def test_the_printed_rbac_lets_its_account_change_nothing_and_read_no_secret(plane, account, kubeconfig):
    user = f"system:serviceaccount:{account[0]}:{account[1]}"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{account[0]}", "system:authenticated")

    for verb, resource, group in [("list", "secrets", ""), ("get", "secrets", ""), ("create", "pods", ""), ("delete", "pods", ""), ("patch", "deployments", "apps"),
                                  ("impersonate", "users", ""), ("escalate", "clusterroles", "rbac.authorization.k8s.io"), ("create", "serviceaccounts/token", "")]:
        assert not plane.admin.allowed(user, verb, resource, group, "shop", groups), f"{verb} {resource}"
    assert plane.admin.allowed(user, "list", "pods", "", "shop", groups)


def test_each_resource_that_is_taken_away_turns_its_checks_unknown_and_raises_no_score(plane, account, kubeconfig, audit, printed_rbac, eventually, run, everywhere):
    user = f"system:serviceaccount:{account[0]}:{account[1]}"
    checks = [check for control in json.loads(run("controls", "list", "-o", "json").stdout) for check in control["checks"]]
    [role] = [manifest for manifest in printed_rbac if manifest["kind"] == "ClusterRole"]
    whole = audit(kubeconfig)
    problems, seen, unknowns = [], 0, 0

    for group, resource in sorted(granted(printed_rbac)):
        if "*" in resource:
            continue
        put_role(plane.admin, without(role, group, resource))
        eventually(lambda: not plane.admin.allowed(user, "list", resource, group), what=f"{resource} being denied")
        report = audit(kubeconfig)
        seen += 1
        name = f"{resource}.{group}" if group else resource
        unknowns += any(result["reason"] == "forbidden" for result in report["results"])
        problems += [f"{name}: {problem}" for problem in consequences(name, whole, report, checks)]
    put_role(plane.admin, role)
    eventually(lambda: audit(kubeconfig)["gaps"] == [], what="a report without gaps once every right is back")

    assert not problems, "\n".join(problems)
    assert seen >= 20 and unknowns >= 0.9 * seen


# Bills of materials only excuse what an image's name proves (`+TR` in the catalogue): a warning stands without them.
# Routes only excuse a policy that lets everybody in.
EXCUSES = {"aquasecurity.github.io": "+TR", "gateway.networking.k8s.io": "+RT", "networking.istio.io": "+RT", "projectcontour.io": "+RT",
           "route.openshift.io": "+RT", "serving.knative.dev": "+RT", "traefik.io": "+RT"}
# Read for Applications alone, and there is none here.
# ImageRepositories excuse unused pull secrets, which are judged with the optional grant SE only.
# Traffic splits are in the catalogue's row for forgotten canaries; their weights are not judged yet.
# Flux's sources count where a reconciler is ready, and none is here.
NOT_JUDGED_HERE = {"buckets.source.toolkit.fluxcd.io", "gitrepositories.source.toolkit.fluxcd.io", "helmrepositories.source.toolkit.fluxcd.io",
                   "ocirepositories.source.toolkit.fluxcd.io", "appprojects.argoproj.io", "imagerepositories.image.toolkit.fluxcd.io", "trafficsplits.split.smi-spec.io", "traefikservices.traefik.io"}


def consequences(name, whole, report, checks):
    """What is wrong with a report that was made without the right to list `name`."""
    gaps = {(gap["resource"], gap["reason"]) for gap in report["gaps"]}
    if gaps != {(name, "forbidden")}:
        yield f"the gaps are {sorted(gaps)}"
    for what, change in risen(whole, report).items():
        differences = [(result["check"], result["status"], by_object(report).get(key, {"status": "gone"})["status"]) for key, result in by_object(whole).items()
                       if result["status"] != by_object(report).get(key, {"status": "gone"})["status"]]
        yield f"{what} rose from {change[0]} to {change[1]}; results that differ: {differences}"
    excuse = EXCUSES.get(name.partition(".")[2])
    affected = {check["id"] for check in checks if check["default"] == "on" and name in check["needs"] and excuse not in check["grants"]
                and "H" not in check["grants"]}  # no host is configured here, so there is nothing to judge
    unknown = {key: result for key, result in by_object(report).items() if result["check"] in affected and result["reason"] == "forbidden"}
    if affected and not unknown and name not in NOT_JUDGED_HERE:
        yield f"no check turned unknown; these need it: {sorted(affected)}"
    if unknown and not all(result["grant"] for result in unknown.values()):
        yield "an unknown does not name the grant that is missing"
    passed = [key for key, result in by_object(report).items() if result["status"] == "pass" and by_object(whole).get(key, result)["status"] != "pass"]
    if passed:
        yield f"these pass now and did not before: {passed}"
    before = by_object(whole)
    was = {key: before.get(key, {"status": "none"})["status"] for key, result in unknown.items() if counts_in_coverage(whole, result)}
    lost = [key for key, status in was.items() if status in ("pass", "warn", "fail")]
    # What did not apply was in no coverage: where nothing of its check is known anyway, one more unknown changes nothing.
    if report["coverage"] > whole["coverage"]:
        yield f"coverage rose from {whole['coverage']} to {report['coverage']}"
    if lost and not report["coverage"] < whole["coverage"]:
        yield f"coverage did not fall from {whole['coverage']}, though these turned unknown: {lost}"


def by_object(report):
    return {(result["check"], result["object"]["kind"], result["object"]["namespace"], result["object"]["name"]): result for result in report["results"]}


def counts_in_coverage(report, result):
    """System namespaces stay out of the cluster's coverage, and so does what is never scored."""
    classes = {namespace["name"]: namespace["class"] for namespace in report["namespaces"]}
    return result["severity"] != "info" and classes.get(result["namespace"] or result["object"]["name"], "application") == "application"


def without(role, group, resource):
    changed = copy.deepcopy(role)
    for rule in changed["rules"]:
        if group in rule.get("apiGroups", []) and resource in rule.get("resources", []):
            rule["resources"].remove(resource)
    changed["rules"] = [rule for rule in changed["rules"] if rule.get("resources") or rule.get("nonResourceURLs")]
    return changed


def put_role(admin, role):
    current = admin.get(admin.path_of(role, named=True))
    current["rules"] = role["rules"]
    admin.replace(current)

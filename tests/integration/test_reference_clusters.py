# SPDX-License-Identifier: Apache-2.0
"""Two whole clusters, tests/reference: one where everything is done right, one as they are met. There each check meets what all others are about."""
import collections
import copy
import json
import re

import pytest
import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the other takes ten times as long
FINDINGS = ("warn", "fail", "unknown")
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| `([^`]+)` \| (warn|fail|unknown) \| (.+) \|$")

@pytest.fixture(scope="module")
def reference(root):
    return root / "tests" / "reference"


@pytest.fixture(scope="module")
def report_of(run, reference):
    """report_of(cluster): its audit, once."""
    reports = {}

    def report(cluster):
        if cluster not in reports:
            reports[cluster] = json.loads(run("audit", reference / cluster, "-o", "json").stdout)
        return reports[cluster]

    return report


def name_of(result):
    """`namespace/Kind/name`, with `-` for what is empty."""
    key = result["object"]
    return "/".join(part or "-" for part in (key["namespace"], key["kind"], key["name"]))


def findings(report):
    return collections.Counter((r["check"], name_of(r), r["status"]) for r in report["results"] if r["status"] in FINDINGS)


def documents(folder):
    for path in sorted(folder.rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=LOADER):
            yield path, document


def test_the_exemplary_cluster_has_no_finding(report_of):
    report = report_of("exemplary")
    assert sorted(findings(report)) == []
    assert report["score"] == 100
    assert report["coverage"] >= 95


def test_the_exemplary_cluster_gives_each_control_something_to_pass(report_of):
    report = report_of("exemplary")
    assert len(report["controls"]) == 19
    assert {c["id"]: (c["status"], c["score"]) for c in report["controls"]} == {c["id"]: ("pass", 100) for c in report["controls"]}


def test_the_table_of_the_typical_cluster_is_what_an_audit_finds(report_of, reference):
    text = (reference / "typical" / "README.md").read_text(encoding="utf-8")
    rows = [match.groups() for match in map(ROW.match, text.splitlines()) if match]
    assert len(rows) == sum(line.startswith("| `") for line in text.splitlines()), "a row of the table is written differently"
    told, found = collections.Counter((check, name, status) for check, name, status, _ in rows), findings(report_of("typical"))
    assert sorted((found - told).elements()) == [], "found, and not in the README"
    assert sorted((told - found).elements()) == [], "in the README, and not found"
    for check, name, _, why in rows:
        assert len(why.split()) > 4 and why.endswith("."), f"{check} on {name} is not argued"


@pytest.mark.parametrize("cluster", ["exemplary", "typical"])
def test_a_reference_cluster_holds_each_object_once(reference, cluster):
    seen = collections.Counter()
    for path, document in documents(reference / cluster):
        if document["kind"] != "Snapshot":
            seen[(document["apiVersion"], document["kind"], document["metadata"].get("namespace"), document["metadata"]["name"])] += 1
    assert [key for key, times in seen.items() if times > 1] == []


# One mistake in the exemplary cluster: kind, namespace, name, path, what stands there then (GONE: nothing; with an empty path the object itself is
# gone), and what notices: no check more, none fewer.
GONE = object()
CONTAINER = ("spec", "template", "spec", "containers", 0)
LITERAL = {"name": "DB_PASSWORD", "value": "Zx9-harbour-light"}
MISTAKES = [
    ("Namespace", None, "shop", ("metadata", "labels", "environment"), GONE, {"ns-environment-unlabelled": "fail"}),
    ("Namespace", None, "billing", ("metadata", "labels", "pod-security.kubernetes.io/enforce"), GONE, {"psa-enforce": "warn"}),
    ("Namespace", None, "shop", ("metadata", "labels", "istio.io/rev"), "1-26", {"mesh-enrolment-conflict": "fail"}),
    ("Namespace", None, "shop", ("metadata", "annotations", "a8r.io/repository"), "a wiki", {"annot-required-missing": "fail"}),
    ("ResourceQuota", "billing", "compute", (), None, {"ns-no-resource-boundary": "warn"}),
    ("NetworkPolicy", "shop", "allow-dns", (), None, {"netpol-egress-dns": "warn"}),
    ("NetworkPolicy", "shop", "allow-cart-to-postgres", ("spec", "ingress", 0, "from"), [{"namespaceSelector": {}}],
     {"netpol-cross-namespace-open": "warn", "netpol-datastore-exposed": "fail"}),
    ("NetworkPolicy", "shop", "allow-web-to-cart", ("spec", "podSelector", "matchLabels", "app.kubernetes.io/name"), "basket",
     {"netpol-selector-dangling": "warn"}),
    ("Deployment", "shop", "cart", (*CONTAINER, "image"), "cart",
     {"deploy-provenance": "warn", "image-tag-floating": "fail", "registry-implicit-docker-hub": "fail"}),
    ("Deployment", "shop", "cart", (*CONTAINER, "env", 0), LITERAL, {"secret-literal-env": "fail"}),
    ("Deployment", "shop", "cart", (*CONTAINER, "readinessProbe"), GONE, {"rollout-readiness-probe": "fail"}),
    ("Deployment", "shop", "cart", ("metadata", "annotations"), {}, {"annot-change-tracking-missing": "fail", "workload-cd-managed": "warn"}),
    ("Deployment", "shop", "cart", ("metadata", "labels", "app.kubernetes.io/instance"), GONE, {"label-recommended-missing": "fail"}),
    ("Deployment", "shop", "cart", ("spec", "strategy"), {"type": "Recreate"}, {"rollout-strategy": "fail"}),
    ("Deployment", "shop", "cart", ("spec", "revisionHistoryLimit"), 0, {"rollout-undo-history": "fail"}),
    ("PodDisruptionBudget", "shop", "cart", (), None, {"rollout-pdb": "warn"}),
    ("PodDisruptionBudget", "shop", "cart", ("spec", "maxUnavailable"), 0, {"rollout-pdb": "fail"}),
    ("Secret", "shop", "cart-db", (), None, {"secret-dangling-ref": "fail"}),
    ("Secret", "shop", "registry-credentials", (), None, {"pullsecret-reference-dangling": "warn"}),
    ("ExternalSecret", "shop", "cart-db", ("status", "conditions", 0, "status"), "False", {"eso-sync-ready": "fail"}),
    ("ClusterSecretStore", None, "openbao", ("spec", "conditions"), [], {"eso-clusterstore-scope": "warn"}),
    ("ClusterSecretStore", None, "openbao", ("spec", "provider", "vault", "server"), "http://openbao.example.com", {"eso-store-provider": "fail"}),
    ("SopsSecret", "billing", "api-keys", ("spec", "secrets", 0, "stringData", "psp"), "clear text", {"sops-plaintext": "fail"}),
    ("VaultConnection", "insights", "openbao", ("spec", "skipTLSVerify"), True, {"vso-connection-tls": "fail"}),
    ("SecretProviderClass", "insights", "exports", (), None, {"csi-secrets-ready": "fail"}),
    ("Application", "argocd", "shop", ("status", "sync", "status"), "OutOfSync", {"gitops-sync": "fail"}),
    ("Kustomization", "billing", "billing", ("spec", "prune"), False, {"gitops-automated": "warn"}),
    ("GitRepository", "billing", "billing", ("status", "conditions", 0, "status"), "False", {"cd-controller-healthy": "fail"}),
    ("PipelineRun", "ci", "release-42", ("status", "conditions", 0, "status"), "False", {"pipeline-health": "warn"}),
    ("Canary", "billing", "api", ("status", "phase"), "Failed", {"canary-stalled": "fail"}),
    ("Rollout", "shop", "web", ("spec", "strategy", "canary", "steps"), [], {"canary-spec-valid": "warn", "canary-workload-coverage": "warn"}),
    ("K8sAllowedRepos", None, "k8sallowedrepos", ("spec", "enforcementAction"), "dryrun", {"policy-baseline-coverage": "warn"}),
    ("ConstraintTemplate", None, "k8sallowedrepos", ("status", "created"), False, {"policy-template-error": "fail"}),
    ("ValidatingWebhookConfiguration", None, "gatekeeper-validating-webhook-configuration", ("webhooks", 0, "failurePolicy"), "Ignore",
     {"policy-webhook-fail-open": "warn"}),
    ("ValidatingWebhookConfiguration", None, "secretstore-validate", ("webhooks", 0, "clientConfig", "caBundle"), GONE,
     {"webhook-ca-bundle": "fail"}),
    ("ValidatingAdmissionPolicyBinding", None, "named-images", (), None, {"vap-effective": "fail"}),
    ("ImageValidatingPolicy", None, "signed-images", (), None, {"image-admission-gate": "fail"}),
    ("ClusterPolicy", None, "add-default-deny", (), None, {"netpol-cluster-baseline": "warn"}),
    ("PeerAuthentication", "istio-system", "default", ("spec", "mtls", "mode"), "PERMISSIVE", {"mesh-mtls-strict": "warn"}),
    ("AuthorizationPolicy", "istio-system", "allow-nothing", (), None, {"mesh-authz-default-deny": "warn"}),
    ("ConfigMap", "argocd", "argocd-cm", ("data", "admin.enabled"), "true", {"oidc-argocd-hardening": "warn"}),
    ("ConfigMap", "node-agents", "fluent-bit", ("data", "fluent-bit.conf"), "[OUTPUT]\n    Name stdout\n", {"log-siem-output": "fail"}),
    ("DaemonSet", "node-agents", "falco", (), None, {"runtime-detection": "warn"}),
    ("ServiceMonitor", "shop", "all-services", (), None, {"metrics-workload-scraped": "fail"}),
    ("PrometheusRule", "monitoring", "platform", (), None, {"alerting-configured": "fail"}),
    ("APIService", None, "v1beta1.metrics.k8s.io", ("status", "conditions", 0, "status"), "False", {"metrics-api-available": "fail"}),
    ("ClusterRoleBinding", None, "platform-viewers", ("roleRef", "name"), "gone", {"rbac-dangling-roleref": "fail"}),
    ("RoleBinding", "shop", "developers", ("subjects", 0, "name"), "system:authenticated", {"rbac-authenticated-binding": "warn"}),
    ("Role", "shop", "developers", ("rules", 0, "resources"), ["pods", "secrets"], {"rbac-secrets-read": "fail"}),
    ("Role", "shop", "developers", ("rules", 0, "verbs"), ["*"], {"rbac-wildcard-rule": "fail"}),
    ("Certificate", "istio-ingress", "public-tls", ("status", "notAfter"), "2026-11-25T00:00:00Z", {"secret-tls-expiry": "warn"}),
    ("Service", "shop", "cart", ("spec", "selector", "app.kubernetes.io/name"), "basket",
     {"label-service-selector-dangling": "fail", "metrics-workload-scraped": "fail"}),
    ("Service", "shop", "cart", ("spec", "externalIPs"), ["203.0.113.99"], {"svc-external-ips": "fail"}),
]


def with_mistake(documents, kind, namespace, name, path, value):
    """The documents with that one changed."""
    at = [index for index, document in enumerate(documents)
          if (document["kind"], document.get("metadata", {}).get("namespace"), document.get("metadata", {}).get("name")) == (kind, namespace, name)]
    assert len(at) == 1, f"{len(at)} objects {kind} {namespace}/{name}"
    if not path:
        return documents[:at[0]] + documents[at[0] + 1:]
    document = copy.deepcopy(documents[at[0]])
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return documents[:at[0]] + [document] + documents[at[0] + 1:]


@pytest.fixture(scope="module")
def exemplary(reference):
    return [document for _, document in documents(reference / "exemplary")]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{'+'.join(mistake[5])}-{mistake[2]}")
def test_one_mistake_is_noticed_by_the_checks_about_it_and_no_others(run, exemplary, tmp_path, mistake):
    *change, noticed = mistake
    path = tmp_path / "cluster.yaml"
    path.write_text("\n---\n".join(json.dumps(document) for document in with_mistake(exemplary, *change)), encoding="utf-8")
    report = json.loads(run("audit", path, "-o", "json").stdout)
    assert {(check, status) for check, _, status in findings(report)} == set(noticed.items())

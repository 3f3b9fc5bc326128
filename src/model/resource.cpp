// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/resource.hpp"

#include <algorithm>
#include <array>

namespace seaworthy::model {
namespace {

/// Pods first: the longest list starts at once.
constexpr Resource k_resources[] = {
    {"pods", "", "v1", "Pod", true, "PO"},
    {"namespaces", "", "v1", "Namespace", false, "NS"},
    {"nodes", "", "v1", "Node", false, "NO"},
    {"deployments.apps", "apps", "v1", "Deployment", true, "WL"},
    {"statefulsets.apps", "apps", "v1", "StatefulSet", true, "WL"},
    {"daemonsets.apps", "apps", "v1", "DaemonSet", true, "WL"},
    {"replicasets.apps", "apps", "v1", "ReplicaSet", true, "WL"},
    {"jobs.batch", "batch", "v1", "Job", true, "WL"},
    {"cronjobs.batch", "batch", "v1", "CronJob", true, "WL"},
    {"replicationcontrollers", "", "v1", "ReplicationController", true, ""},
    {"controllerrevisions.apps", "apps", "v1", "ControllerRevision", true, "WL"},
    {"services", "", "v1", "Service", true, "SV"},
    {"endpointslices.discovery.k8s.io", "discovery.k8s.io", "v1", "EndpointSlice", true, "SV"},
    {"serviceaccounts", "", "v1", "ServiceAccount", true, "SA"},
    {"events", "", "v1", "Event", true, "EV"},
    {"networkpolicies.networking.k8s.io", "networking.k8s.io", "v1", "NetworkPolicy", true, "NP"},
    {"ingresses.networking.k8s.io", "networking.k8s.io", "v1", "Ingress", true, "NP"},
    {"poddisruptionbudgets.policy", "policy", "v1", "PodDisruptionBudget", true, "PD"},
    {"resourcequotas", "", "v1", "ResourceQuota", true, "RQ"},
    {"limitranges", "", "v1", "LimitRange", true, "RQ"},
    {"persistentvolumeclaims", "", "v1", "PersistentVolumeClaim", true, "RQ"},
    {"roles.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "Role", true, "RB"},
    {"rolebindings.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "RoleBinding", true, "RB"},
    {"clusterroles.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "ClusterRole", false, "RB"},
    {"clusterrolebindings.rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", false, "RB"},
    {"validatingwebhookconfigurations.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", false,
     "AD"},
    {"mutatingwebhookconfigurations.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", false, "AD"},
    {"validatingadmissionpolicies.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", false, "AD"},
    {"validatingadmissionpolicybindings.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding",
     false, "AD"},
    {"mutatingadmissionpolicies.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", false, "AD"},
    {"mutatingadmissionpolicybindings.admissionregistration.k8s.io", "admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", false,
     "AD"},
    {"apiservices.apiregistration.k8s.io", "apiregistration.k8s.io", "v1", "APIService", false, "AS"},
    {"horizontalpodautoscalers.autoscaling", "autoscaling", "v2", "HorizontalPodAutoscaler", true, "HA"},
    {"csidrivers.storage.k8s.io", "storage.k8s.io", "v1", "CSIDriver", false, "ES"},
    {"secrets", "", "v1", "Secret", true, "SE"},
    {"configmaps", "", "v1", "ConfigMap", true, "CMA"},
};

struct GroupGrant {
    std::string_view group;
    std::string_view grant;
    std::string_view plurals = {}; ///< comma-separated; empty: every resource of the group
};

/// Custom resources by API group (the catalogue's grant table). Where a group is split, the first row that fits counts.
constexpr GroupGrant k_group_grants[] = {
    {"argoproj.io", "AR", "argocds"},
    {"argoproj.io", "CD"},
    {"authentication.concierge.pinniped.dev", "PI"},
    {"authentication.gke.io", "PI"},
    {"grafana.integreatly.org", "PI"},
    {"templates.gatekeeper.sh", "GK"},
    {"constraints.gatekeeper.sh", "GK"},
    {"config.gatekeeper.sh", "GK"},
    {"kyverno.io", "KY"},
    {"policies.kyverno.io", "KY"},
    {"wgpolicyk8s.io", "KY"},
    {"openreports.io", "KY"},
    {"policies.kubewarden.io", "KW"},
    {"aquasecurity.github.io", "VS", "exposedsecretreports"},
    {"aquasecurity.github.io", "TR"},
    {"spdx.softwarecomposition.kubescape.io", "VS"},
    {"secscan.quay.redhat.com", "VS"},
    {"config.openshift.io", "OC", "authentications,oauths,images"},
    {"config.openshift.io", "OX"},
    {"imageregistry.operator.openshift.io", "OC"},
    {"operator.openshift.io", "OX"},
    {"machineconfiguration.openshift.io", "OX"},
    {"quota.openshift.io", "RQ"},
    {"hnc.x-k8s.io", "RQ"},
    {"policy.networking.k8s.io", "CN"},
    {"cilium.io", "CN"},
    {"projectcalico.org", "CN"},
    {"crd.projectcalico.org", "CN"},
    {"operator.tigera.io", "CN"},
    {"crd.antrea.io", "CN"},
    {"k8s.ovn.org", "CN"},
    {"kustomize.toolkit.fluxcd.io", "CD"},
    {"helm.toolkit.fluxcd.io", "CD"},
    {"source.toolkit.fluxcd.io", "CD"},
    {"image.toolkit.fluxcd.io", "CD"},
    {"build.openshift.io", "CD"},
    {"fleet.cattle.io", "CD"},
    {"kappctrl.k14s.io", "CD"},
    {"configsync.gke.io", "CD"},
    {"tekton.dev", "CD"},
    {"flagger.app", "CD"},
    {"rollouts.kruise.io", "CD"},
    {"gateway.networking.k8s.io", "RT"},
    {"networking.istio.io", "RT"},
    {"split.smi-spec.io", "RT"},
    {"traefik.io", "RT"},
    {"projectcontour.io", "RT"},
    {"route.openshift.io", "RT"},
    {"serving.knative.dev", "RT"},
    {"keda.sh", "HA"},
    {"monitoring.coreos.com", "MO"},
    {"operator.victoriametrics.com", "MO"},
    {"monitoring.googleapis.com", "MO"},
    {"azmonitoring.coreos.com", "MO"},
    {"fluentbit.fluent.io", "LG"},
    {"logging.banzaicloud.io", "LG"},
    {"observability.openshift.io", "LG"},
    {"logging.openshift.io", "LG"},
    {"opentelemetry.io", "LG"},
    {"security.istio.io", "MS"},
    {"policy.linkerd.io", "MS"},
    {"consul.hashicorp.com", "MS"},
    {"kuma.io", "MS"},
    {"maistra.io", "MS"},
    {"external-secrets.io", "ES"},
    {"secrets.hashicorp.com", "ES"},
    {"bitnami.com", "ES"},
    {"addons.projectcapsule.dev", "ES"},
    {"isindir.github.com", "ES"},
    {"secrets-store.csi.x-k8s.io", "ES"},
    {"cert-manager.io", "ES"},
    {"capsule.clastix.io", "CA"},
    {"policy.sigstore.dev", "SG"},
    {"authorization.k8s.io", "SS"},
};

struct GrantText {
    std::string_view code;
    std::string_view text;
    bool optional = false;
};

constexpr GrantText k_grants[] = {
    {"NS", "namespaces"},
    {"PO", "pods"},
    {"NO", "nodes"},
    {"WL", "workloads (apps and batch)"},
    {"SV", "services and endpoint slices"},
    {"SA", "service accounts"},
    {"EV", "events"},
    {"NP", "network policies and ingresses"},
    {"PD", "pod disruption budgets"},
    {"RQ", "quotas, limit ranges and volume claims"},
    {"RB", "roles and bindings"},
    {"AD", "admission webhooks and policies"},
    {"AS", "API services"},
    {"HA", "autoscalers"},
    {"GK", "Gatekeeper templates, constraints and configuration"},
    {"KY", "Kyverno policies and policy reports"},
    {"KW", "Kubewarden policies"},
    {"TR", "Trivy vulnerability and SBOM reports"},
    {"VS", "vulnerability reports"},
    {"CN", "network policies of CNI plugins"},
    {"CD", "delivery tools (Argo CD, Flux, Tekton and others)"},
    {"RT", "gateways and routes"},
    {"MO", "monitoring resources"},
    {"LG", "logging resources"},
    {"MS", "mesh resources"},
    {"ES", "external secrets, certificates and CSI drivers"},
    {"AR", "Argo CD operator resources"},
    {"PI", "identity resources (Pinniped, GKE, Grafana operator)"},
    {"CA", "Capsule tenants"},
    {"SG", "Sigstore policies"},
    {"OC", "OpenShift identity and image configuration"},
    {"OX", "OpenShift platform configuration"},
    {"SS", "reviews of the audit's own rights"},
    {"CM", "named ConfigMaps", true},
    {"CMA", "all ConfigMaps", true},
    {"SE", "Secrets as table rows, never their values", true},
    {"ME", "the API server's /metrics", true},
    {"H", "HTTP probes of configured hosts", true},
    {"NPR", "the node probe", true},
};

bool lists(std::string_view comma_separated, std::string_view wanted)
{
    while (!comma_separated.empty()) {
        const auto comma = comma_separated.find(',');
        if (comma_separated.substr(0, comma) == wanted) return true;
        comma_separated = comma == std::string_view::npos ? std::string_view{} : comma_separated.substr(comma + 1);
    }
    return false;
}

const GrantText* find_grant(std::string_view code)
{
    const auto* at = std::find_if(std::begin(k_grants), std::end(k_grants), [&](const GrantText& grant) { return grant.code == code; });
    return at != std::end(k_grants) ? at : nullptr;
}

} // namespace

std::span<const Resource> builtin_resources()
{
    return k_resources;
}

const Resource* find_builtin_resource(std::string_view id)
{
    const auto* at = std::find_if(std::begin(k_resources), std::end(k_resources), [&](const Resource& resource) { return resource.id == id; });
    return at != std::end(k_resources) ? at : nullptr;
}

const Resource* find_builtin_kind(std::string_view group, std::string_view kind)
{
    const auto* at = std::find_if(std::begin(k_resources), std::end(k_resources),
                                  [&](const Resource& resource) { return resource.group == group && resource.kind == kind; });
    return at != std::end(k_resources) ? at : nullptr;
}

std::string_view grant_of(std::string_view resource_id)
{
    if (const Resource* resource = find_builtin_resource(resource_id)) return resource->grant;
    if (resource_id.starts_with("configmap:")) return "CM";
    if (resource_id.starts_with("probe:")) return "H";
    if (resource_id.starts_with("apiserver:")) return "ME";
    if (resource_id == "node-probe") return "NPR";
    const auto group = group_of(resource_id);
    const auto plural = resource_id.substr(0, resource_id.find('.'));
    for (const GroupGrant& row : k_group_grants)
        if (row.group == group && (row.plurals.empty() || lists(row.plurals, plural))) return row.grant;
    return {};
}

std::string_view describe_grant(std::string_view code)
{
    const GrantText* grant = find_grant(code);
    return grant != nullptr ? grant->text : std::string_view{};
}

bool is_optional_grant(std::string_view code)
{
    const GrantText* grant = find_grant(code);
    return grant != nullptr && grant->optional;
}

} // namespace seaworthy::model

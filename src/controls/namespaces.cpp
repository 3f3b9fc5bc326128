// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/control_list.hpp"
#include "controls/environment_labels.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/namespace_use.hpp"
#include "controls/resource_boundaries.hpp"
#include "controls/template_parts.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Parameter;
using check::Scope;
using check::Severity;
using check::Status;
using check::Verdict;
using model::Namespace;

constexpr std::string_view k_ingresses = "ingresses.networking.k8s.io";
constexpr std::string_view k_claims = "persistentvolumeclaims";

// ---- ns-default-in-use

std::string cluster_environment(const Context& context)
{
    return context.parameters.is_set("clusterEnvironment") ? context.parameters.text("clusterEnvironment") : std::string{};
}

/// A pod that `kubectl debug node` leaves behind.
bool is_node_debugger(const model::Workload& workload)
{
    return workload.bare_pod != nullptr && workload.name.view().starts_with("node-debugger-");
}

Verdict judge_default(const Namespace& ns, const Context& context)
{
    if (ns.meta.name != "default") return check::not_applicable("Only the namespace default is judged").proven();
    const auto& enabled_for = context.parameters.list("enabledFor");
    const auto environment = cluster_environment(context);
    if (!enabled_for.empty() && std::ranges::find(enabled_for, environment) == enabled_for.end())
        return check::not_applicable(fmt::format("Not judged in a cluster of environment '{}'", environment)).proven();
    NameList workloads;
    for (const auto* workload : context.index.workloads_in("default"))
        if (!workload->finished && !workload->mirror && !is_node_debugger(*workload))
            workloads.add(fmt::format("{}/{}", workload->kind.view(), workload->name.view()));
    if (!workloads.empty())
        return check::fail(fmt::format("{} runs in the namespace default", workloads.text())).with("workloads", workloads.values());
    NameList others;
    for (const auto* service : context.index.services_in("default"))
        if (service->meta.name != "kubernetes") others.add("Service/" + service->meta.name.str());
    for (const auto* ingress : context.index.documents_in(k_ingresses, "default"))
        others.add("Ingress/" + ingress->meta.name.str());
    for (const auto* claim : context.index.documents_in(k_claims, "default"))
        others.add("PersistentVolumeClaim/" + claim->meta.name.str());
    if (!others.empty()) return check::warn(fmt::format("{} is in the namespace default", others.text())).with("objects", others.values());
    return check::pass("The namespace default is empty");
}

// ---- ns-environment-unlabelled

/// True if a part of the name, between hyphens, is an environment's.
bool is_environment_name(std::string_view ns)
{
    static constexpr std::string_view k_words[] = {"prod", "stag", "stage", "staging", "dev", "test", "qa", "uat", "sandbox"};
    while (true) {
        const auto hyphen = ns.find('-');
        if (std::ranges::find(k_words, ns.substr(0, hyphen)) != std::end(k_words)) return true;
        if (hyphen == std::string_view::npos) return false;
        ns.remove_prefix(hyphen + 1);
    }
}

Verdict judge_unlabelled(const Namespace& ns, const Context& context)
{
    const auto cluster = cluster_environment(context);
    if (!cluster.empty()) return check::not_applicable(fmt::format("The whole cluster is {}", cluster)).proven();
    if (is_platform_namespace(ns.meta.name, context)) return check::not_applicable("Serves every environment").proven();
    const auto& allowed = context.parameters.list("allowedValues");
    for (const auto& key : context.parameters.list("envLabelKeys")) {
        const auto value = ns.meta.labels.get(key);
        if (!value.empty() && (allowed.empty() || std::ranges::find(allowed, value) != allowed.end()))
            return check::pass(fmt::format("{}={}", key, value)).with("label", key);
    }
    if (is_environment_name(ns.meta.name))
        return check::warn("Its name suggests an environment, but no label says so: policies and queries select by label")
            .fix(fmt::format("kubectl label namespace {} environment=<environment>", ns.meta.name.view()));
    return check::fail("No label says which environment this namespace belongs to");
}

// ---- ns-mixed-environments

Verdict judge_mixed(const Namespace& ns, const Context& context)
{
    std::set<std::string> environments;
    NameList labelled;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished || workload->controllers.empty()) continue;
        auto environment = workload->object != nullptr ? environment_of(workload->object->meta.labels, context) : std::string{};
        for (const auto* pod_template : workload->templates)
            if (environment.empty()) environment = environment_of(pod_template->labels, context);
        if (environment.empty()) continue;
        labelled.add(fmt::format("{}/{} ({})", workload->kind.view(), workload->name.view(), environment));
        environments.insert(std::move(environment));
    }
    if (environments.empty()) return check::not_applicable("No workload names its environment");
    if (environments.size() == 1) return check::pass(fmt::format("All labelled workloads are {}", *environments.begin()));
    const bool production = environments.contains(std::string{k_production});
    auto verdict = production ? check::fail(fmt::format("Production shares the namespace with other environments: {}", labelled.text()))
                              : check::warn(fmt::format("Several environments share the namespace: {}", labelled.text()));
    return std::move(verdict)
        .with("environments", std::vector<std::string>{environments.begin(), environments.end()})
        .with("workloads", labelled.values());
}

// ---- ns-no-resource-boundary

/// Active pods; in manifests, which hold none, a controller that wants some.
bool has_pods(std::string_view ns, const Context& context)
{
    if (!context.inventory.cluster.partial) return !context.index.active_pods_in(ns).empty();
    return std::ranges::any_of(context.index.workloads_in(ns), [](const auto* workload) { return workload->runs(); });
}

Verdict judge_boundary(const Namespace& ns, const Context& context)
{
    if (!has_pods(ns.meta.name, context)) return resting_on(check::not_applicable("No pod runs here"), context, ns.meta.name, {"pods"});
    const auto boundary = find_boundary(ns, context);
    if (boundary.kind == Boundary::Kind::compute) return check::pass(fmt::format("{} bounds CPU or memory", boundary.source)).proven();
    auto verdict = boundary.kind == Boundary::Kind::other
                       ? check::warn(fmt::format("{} bounds neither CPU nor memory of the namespace", boundary.source)).with("found", boundary.source)
                       : check::fail("Nothing bounds what the pods of this namespace take from the others");
    verdict = resting_on(std::move(verdict).by_absence(), context, ns.meta.name, {"resourcequotas", "limitranges"});
    if (context.inventory.cluster.partial) return verdict; // quotas of other kinds live outside manifests
    return resting_on(std::move(verdict).by_absence(), context, ns.meta.name,
                      {"clusterresourcequotas.quota.openshift.io", "hierarchicalresourcequotas.hnc.x-k8s.io"});
}

// ---- ns-cross-env-binding

const model::Gap* role_gap(const model::RoleBinding& binding, const Context& context)
{
    if (binding.role_kind == "Role") return context.gap("roles.rbac.authorization.k8s.io", binding.meta.ns);
    return context.gap("clusterroles.rbac.authorization.k8s.io");
}

Verdict judge_account(const model::Identity& account, const model::RoleBinding& binding, const Context& context)
{
    if (is_platform_namespace(account.ns, context)) return check::not_applicable(fmt::format("{} serves every environment", account.ns));
    const auto here = environment_of_namespace(binding.meta.ns, context);
    const auto there = environment_of_namespace(account.ns, context);
    if (here.empty() || there.empty()) return check::not_applicable("No environment is known for both sides");
    if (here == there) return check::pass(fmt::format("{} is of the same environment", account.path()));
    const auto* role = context.rbac.role_of(binding);
    const auto* gap = role == nullptr ? role_gap(binding, context) : nullptr;
    if (gap == nullptr && (role == nullptr || role->rules.empty())) return check::pass("The role grants nothing");
    const auto what = fmt::format("{} of environment {} has rights in {} ({})", account.path(), there, binding.meta.ns.view(), here);
    if (here == k_production) {
        if (gap != nullptr) return context.unknown_for(*gap);
        const auto& powers = context.rbac.powers_of(*role);
        if (powers.has(model::Power::write_anything) || powers.has(model::Power::read_secrets))
            return check::fail(what + " and may write there or read Secrets");
    }
    return check::warn(what);
}

Verdict judge_cross_binding(const model::RoleBinding& binding, const Context& context)
{
    if (binding.is_cluster_binding()) return check::not_applicable("A ClusterRoleBinding belongs to no environment").proven();
    std::optional<Verdict> verdict;
    for (const auto& subject : binding.subjects) {
        const auto identity = model::identity_of(subject);
        if (identity.kind != model::Identity::Kind::service_account) continue;
        auto one = judge_account(identity, binding, context);
        verdict = verdict ? check::worst(std::move(*verdict), std::move(one)) : std::move(one);
    }
    return verdict ? std::move(*verdict) : check::not_applicable("Binds no ServiceAccount").proven();
}

constexpr Parameter k_cluster_environment{
    .name = "clusterEnvironment",
    .type = Parameter::Type::text,
    .description = "The environment of the whole cluster, where each environment has its own; empty: namespaces have theirs.",
};
constexpr Parameter k_default_parameters[] = {
    {.name = "enabledFor",
     .type = Parameter::Type::list,
     .fallback = "[]",
     .description = "Judge only in clusters of these clusterEnvironments; empty: always."},
    k_cluster_environment,
};
constexpr Parameter k_unlabelled_parameters[] = {
    k_env_label_keys,
    {.name = "allowedValues", .type = Parameter::Type::list, .fallback = "[]", .description = "Values that such a label may have; empty: any."},
    k_platform_namespaces,
    k_cluster_environment,
};
constexpr Parameter k_mixed_parameters[] = {k_env_label_keys, k_prod_values};
constexpr Parameter k_cross_parameters[] = {k_env_label_keys, k_prod_values, k_platform_namespaces};

// ---- ns-user-workload-in-system-ns

bool comes_from(const model::Workload& workload, const std::vector<std::string>& registries)
{
    const auto is_theirs = [&](const std::string& repository) {
        return std::ranges::any_of(registries, [&](const std::string& prefix) {
            return repository.starts_with(prefix) && (repository.size() == prefix.size() || repository[prefix.size()] == '/');
        });
    };
    bool all = !workload.templates.empty();
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        const auto image = model::parse_image_reference(container.image);
        all = all && image && is_theirs(image->repository());
    });
    return all;
}

/// Known by a label that distributions and add-on managers set, on the workload or its pods.
bool is_marked_as_system(const model::Workload& workload)
{
    constexpr std::string_view k_labels[] = {"k8s-app", "addonmanager.kubernetes.io/mode", "kubernetes.io/cluster-service",
                                             "eks.amazonaws.com/component", "kubernetes.azure.com/managedby"};
    const auto marked = [&](const model::StringMap& labels) {
        return std::ranges::any_of(k_labels, [&](std::string_view key) { return labels.has(key); });
    };
    if (workload.object != nullptr && marked(workload.object->meta.labels)) return true;
    return std::ranges::any_of(workload.templates, [&](const model::PodTemplate* pod_template) { return marked(pod_template->labels); });
}

Verdict judge_system_namespace(const Namespace& ns, const Context& context)
{
    const auto name = ns.meta.name.view();
    const bool kube_system = name == "kube-system";
    if (!kube_system && name != "kube-public" && name != "kube-node-lease")
        return check::not_applicable("Not a namespace of Kubernetes itself").proven();
    NameList foreign;
    for (const auto* workload : context.index.workloads_in(name)) {
        if (workload->mirror || workload->finished) continue;
        const bool known = is_marked_as_system(*workload) || glob_match_any(context.parameters.list("allow"), workload->name) ||
                           comes_from(*workload, context.parameters.list("systemRegistries"));
        if (!kube_system || !known) foreign.add(fmt::format("{}/{}", workload->kind.view(), workload->name.view()));
    }
    if (foreign.empty()) return check::pass("Only what belongs to the cluster itself runs here");
    if (!kube_system)
        return check::fail(fmt::format("Workloads run in {}, which is for no workload: {}", name, foreign.text()))
            .with("workloads", foreign.values());
    return check::warn(fmt::format("Workloads that are not known to belong to the cluster run in kube-system: {}", foreign.text()))
        .with("workloads", foreign.values());
}

constexpr Parameter k_system_parameters[] = {
    {.name = "allow",
     .type = Parameter::Type::list,
     .fallback = "['cilium*', 'hubble-*', 'calico-*', 'coredns*', 'aws-*', 'ebs-csi-*', 'efs-csi-*', 'csi-*', 'azure-*', 'gke-*', 'konnectivity*', "
                 "'kube-proxy*', "
                 "'metrics-server*', 'cluster-autoscaler*', 'karpenter*', 'sealed-secrets*', 'traefik*', 'svclb-*']",
     .description = "Workloads that may run in kube-system, by name."},
    {.name = "systemRegistries",
     .type = Parameter::Type::list,
     .fallback = "[registry.k8s.io, gke.gcr.io, mcr.microsoft.com/oss, mcr.microsoft.com/aks, public.ecr.aws/eks, docker.io/rancher]",
     .description = "Registries or repository prefixes whose images belong to the cluster."},
};

// ---- ns-too-many-apps

Verdict judge_app_count(const Namespace& ns, const Context& context)
{
    std::set<std::string> apps;
    std::size_t all = 0;
    std::size_t unnamed = 0;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished || workload->object == nullptr) continue;
        ++all;
        const auto& labels = workload->object->meta.labels;
        const auto release = workload->object->meta.annotations.get("meta.helm.sh/release-name");
        const auto part = labels.get("app.kubernetes.io/part-of");
        const auto instance = labels.get("app.kubernetes.io/instance");
        // One umbrella release is one application, whatever its parts are called.
        if (!release.empty())
            apps.insert(fmt::format("release {}", release));
        else if (!part.empty())
            apps.insert(std::string{part});
        else if (!instance.empty())
            apps.insert(std::string{instance});
        else
            ++unnamed;
    }
    if (all == 0 || unnamed * 2 > all) return check::not_applicable("Labels do not say which applications run here");
    NameList names;
    for (const auto& app : apps)
        names.add(app);
    const auto message = fmt::format("{} here", counted(apps.size(), "application"));
    if (static_cast<double>(apps.size()) > context.parameters.number("max"))
        return check::warn(fmt::format("{}: {}", message, names.text())).with("applications", names.values());
    return check::pass(message);
}

constexpr Parameter k_app_parameters[] = {
    {.name = "max", .type = Parameter::Type::number, .fallback = "10", .description = "More applications than this are a warning."},
};

constexpr Parameter k_single_parameters[] = {
    {.name = "minApps",
     .type = Parameter::Type::number,
     .fallback = "5",
     .description = "From how many applications, by app.kubernetes.io/part-of, instance or name, one namespace is not enough."},
};
constexpr Parameter k_environment_parameters[] = {k_env_label_keys, k_prod_values, k_platform_namespaces};

constexpr Check k_checks[] = {
    {
        .id = "ns-single-namespace-cluster",
        .title = "All application workloads live in one namespace",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL,namespaces",
        .grants = "WL,NS",
        .parameters = k_single_parameters,
        .rationale = "Rights, quotas and network policies end at a namespace's border: in a single one everybody has everything.",
        .rule = "Of the namespaces that are not the system's. fail: all workloads are in one, and they are `minApps` applications or more. pass: in "
                "several. not_applicable: fewer applications.",
        .remediation = "Give each application or team a namespace and move its workloads:\n"
                       "  kubectl create namespace <name>",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/, CIS 5.7.1",
        .judge_cluster = judge_single_namespace,
    },
    {
        .id = "ns-cross-env-service",
        .title = "Service points into another environment",
        .scope = Scope::service,
        .severity = Severity::medium,
        .needs = "services,endpointslices.discovery.k8s.io,namespaces,pods",
        .grants = "SV,NS,PO",
        .subjects = "services",
        .parameters = k_environment_parameters,
        .rationale = "A test system that calls production, or the reverse, is found out by its damage.",
        .rule = "For ExternalName Services that name a Service of the cluster, and Services without a selector whose EndpointSlices hold pods' "
                "addresses. fail: one side is production and the other is not. warn: another namespace of the same environment, or two that are not "
                "production. pass: its own namespace. not_applicable: any other Service; no label names an environment; the target is in "
                "`platformNamespaces`.",
        .remediation = "Point the Service at the same environment, or except it with a reason:\n"
                       "  spec: {type: ExternalName, externalName: api.shop-prod.svc.cluster.local}",
        .limits = "Endpoints with IPv6 addresses are not traced to their pods.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/service/#externalname",
        .run = judge_cross_environment_services,
    },
    {
        .id = "ns-stuck-or-stale",
        .title = "Namespace is stuck terminating or empty",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "namespaces,pods,WL,services,persistentvolumeclaims",
        .grants = "NS,PO,WL,SV,RQ",
        .rationale =
            "A namespace that cannot die blocks its name and hides what is left in it; one that nobody uses keeps rights that nobody checks.",
        .rule = "warn: it has been terminating for more than an hour; the message is the controller's. pass: else; with a note where it has held no "
                "pod, workload, Service or volume claim and is older than 30 days.",
        .remediation = "Repair the APIService or finalizer that the condition names:\n"
                       "  kubectl get namespace <name> -o jsonpath='{.status.conditions}'",
        .limits = "Namespaces that hold custom resources or Secrets only look empty: that is a note, never a finding.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/",
        .judge_namespace = judge_stuck_or_stale,
    },
    {
        .id = "ns-too-many-apps",
        .title = "Namespace holds many unrelated applications",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "WL",
        .grants = "WL",
        .parameters = k_app_parameters,
        .rationale = "Rights, quotas and policies are given by namespace: what lives together shares them.",
        .rule =
            "By Helm release, else app.kubernetes.io/part-of, else app.kubernetes.io/instance of the workloads. warn: more than `max`. pass: fewer. "
            "not_applicable: more than half of the workloads have none of these.",
        .remediation = "Split the namespace by application.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
        .judge_namespace = judge_app_count,
    },
    {
        .id = "ns-user-workload-in-system-ns",
        .title = "Application workload in a system namespace",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "pods,WL",
        .grants = "PO,WL",
        .parameters = k_system_parameters,
        .rationale = "System namespaces are exempt from most policies, and whoever may deploy there is close to the control plane.",
        .rule =
            "Of kube-system, kube-public and kube-node-lease. fail: a workload in one of the last two. warn: one in kube-system that no label of a "
            "distribution, no name of `allow` and no image of `systemRegistries` knows. pass: none. Mirror pods do not count.",
        .remediation = "Move the workload into a namespace of its own:\n"
                       "  kubectl create namespace <name>",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces",
        .judges_system_namespaces = true,
        .judge_namespace = judge_system_namespace,
    },
    {
        .id = "ns-default-in-use",
        .title = "Workloads run in the default namespace",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "namespaces,pods,WL,services,ingresses.networking.k8s.io,persistentvolumeclaims",
        .grants = "NS,PO,WL,SV,NP,RQ",
        .parameters = k_default_parameters,
        .rationale = "What forgets its namespace lands here: no quota, no owner, no policy of its own, next to everything else that forgot.",
        .rule = "fail: a workload or an active pod is in the namespace default. warn: only Services, Ingresses or PersistentVolumeClaims are. pass: "
                "nothing but what Kubernetes keeps there. "
                "not_applicable: other namespaces; a clusterEnvironment that enabledFor does not name.",
        .remediation = "Create a namespace for the application and its environment, and deploy there:\n"
                       "  kubectl create namespace shop-prod",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/, CIS 5.7.4",
        .judge_namespace = judge_default,
    },
    {
        .id = "ns-environment-unlabelled",
        .title = "Namespace does not declare its environment",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "namespaces",
        .grants = "NS",
        .parameters = k_unlabelled_parameters,
        .rationale = "Policies, network rules and dashboards that treat production differently need to know what production is.",
        .rule = "pass: a label of envLabelKeys has a value of allowedValues. warn: none, but the name holds an environment. fail: neither. "
                "not_applicable: platformNamespaces; the whole "
                "cluster is one environment.",
        .remediation = "kubectl label namespace <name> environment=prod",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        .judge_namespace = judge_unlabelled,
    },
    {
        .id = "ns-mixed-environments",
        .title = "Production and non-production share a namespace",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "WL",
        .grants = "WL",
        .parameters = k_mixed_parameters,
        .rationale = "They share quota, rights, Secrets and network: whoever may deploy a test may read production's credentials.",
        .rule = "By the environment labels of workloads, else of their pod templates. fail: production and another environment. warn: several "
                "others. pass: one. not_applicable: no workload "
                "is labelled.",
        .remediation = "Give each environment a namespace of its own.",
        .limits = "Synonyms count as one (prod, production, live; dev, development; stage, staging); names such as dev-portal are never read as "
                  "environments.",
        .references = "https://kubernetes.io/docs/concepts/security/multi-tenancy/, CIS 5.7.1",
        .judges_system_namespaces = true,
        .judge_namespace = judge_mixed,
    },
    {
        .id = "ns-no-resource-boundary",
        .title = "Namespace has no ResourceQuota / LimitRange",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "namespaces,resourcequotas,limitranges,clusterresourcequotas.quota.openshift.io,hierarchicalresourcequotas.hnc.x-k8s.io,pods,"
                 "tenants.capsule.clastix.io",
        .grants = "NS,RQ,PO,+CA",
        .fields = k_boundary_fields,
        .rationale = "Without a bound one namespace can take the CPU and memory of all others.",
        .rule = "pass: a quota on CPU or memory (ResourceQuota, OpenShift's ClusterResourceQuota, HNC's HierarchicalResourceQuota, a Capsule "
                "Tenant's, Rancher's project quota). warn: only "
                "quotas on other things, or only a LimitRange. fail: none while pods run. not_applicable: no pod runs.",
        .remediation = "apiVersion: v1\n"
                       "kind: ResourceQuota\n"
                       "metadata: {name: compute, namespace: <namespace>}\n"
                       "spec:\n"
                       "  hard: {requests.cpu: \"4\", requests.memory: 8Gi, limits.memory: 16Gi}",
        .limits = "GKE's own gke-resource-quotas counts objects, in every namespace: it is no bound.",
        .references = "https://kubernetes.io/docs/concepts/policy/resource-quotas/, https://kubernetes.io/docs/concepts/policy/limit-range/",
        .judge_namespace = judge_boundary,
    },
    {
        .id = "ns-cross-env-binding",
        .title = "Identity from another environment has rights here",
        .scope = Scope::role_binding,
        .severity = Severity::high,
        .needs = "namespaces,RB",
        .grants = "NS,RB",
        .parameters = k_cross_parameters,
        .rationale = "A token stolen in a test environment then works in production.",
        .rule = "By the environment labels of both namespaces. fail: a ServiceAccount of another environment may write in production or read its "
                "Secrets. warn: any other right across "
                "environments. pass: the same environment; a role that grants nothing. not_applicable: no ServiceAccount; an environment is not "
                "known; accounts of platformNamespaces.",
        .remediation = "Give each environment an account of its own, and remove the foreign subject:\n"
                       "  kubectl edit rolebinding <name> -n <namespace>",
        .references = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        .judges_system_namespaces = true,
        .judge_role_binding = judge_cross_binding,
    },
};

} // namespace

constinit const check::Control k_namespaces{
    .id = "namespaces",
    .step = 4,
    .title = "Environments isolated by namespaces",
    .summary =
        "A namespace is the border of quotas, rights, Secrets and network rules. Environments and applications that share one share all of these.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/role_powers.hpp"

#include <algorithm>

#include "model/rule_reach.hpp"
#include "seaworthy/model/rbac_index.hpp"

namespace seaworthy::model {

namespace {

constexpr std::string_view k_rbac = "rbac.authorization.k8s.io";
constexpr std::string_view k_admission = "admissionregistration.k8s.io";
constexpr std::string_view k_certificates = "certificates.k8s.io";
constexpr std::string_view k_authentication = "authentication.k8s.io";

/// One way to a power: a verb on a resource.
struct Way {
    Power power;
    std::string_view verb;
    std::string_view group;
    std::string_view resource;
    std::string_view subresource;
};

constexpr Way k_ways[] = {
    {Power::read_secrets, "get", "", "secrets", ""},
    {Power::read_secrets, "list", "", "secrets", ""},
    {Power::read_secrets, "watch", "", "secrets", ""},
    {Power::escalate_roles, "escalate", k_rbac, "roles", ""},
    {Power::escalate_cluster_roles, "escalate", k_rbac, "clusterroles", ""},
    {Power::bind_roles, "bind", k_rbac, "roles", ""},
    {Power::bind_roles, "bind", k_rbac, "clusterroles", ""},
    // Who acts as whom is asked in the core group; with the modes of constrained impersonation (KEP-5284), and for uids always, in
    // authentication.k8s.io. The verbs impersonate-on:<mode>:<verb> limit what is done then and let nobody become anybody.
    {Power::impersonate_service_accounts, "impersonate", "", "serviceaccounts", ""},
    {Power::impersonate_service_accounts, "impersonate:serviceaccount", k_authentication, "serviceaccounts", ""},
    {Power::impersonate_identities, "impersonate", "", "users", ""},
    {Power::impersonate_identities, "impersonate", "", "groups", ""},
    {Power::impersonate_identities, "impersonate", k_authentication, "uids", ""},
    {Power::impersonate_identities, "impersonate:user-info", k_authentication, "users", ""},
    {Power::impersonate_identities, "impersonate:user-info", k_authentication, "groups", ""},
    {Power::impersonate_identities, "impersonate:user-info", k_authentication, "uids", ""},
    {Power::impersonate_identities, "impersonate:arbitrary-node", k_authentication, "nodes", ""},
    {Power::enter_pods, "create", "", "pods", "exec"},
    {Power::enter_pods, "create", "", "pods", "attach"},
    {Power::enter_pods, "create", "", "pods", "portforward"},
    {Power::enter_pods, "update", "", "pods", "ephemeralcontainers"},
    {Power::enter_pods, "patch", "", "pods", "ephemeralcontainers"},
    {Power::get_exec, "get", "", "pods", "exec"},
    {Power::get_exec, "get", "", "pods", "attach"},
    {Power::get_exec, "get", "", "pods", "portforward"},
    // The kubelet and the API server make these five of the method of a request; there is no list or watch of a subresource.
    {Power::proxy_nodes, "get", "", "nodes", "proxy"},
    {Power::proxy_nodes, "create", "", "nodes", "proxy"},
    {Power::proxy_nodes, "update", "", "nodes", "proxy"},
    {Power::proxy_nodes, "patch", "", "nodes", "proxy"},
    {Power::proxy_nodes, "delete", "", "nodes", "proxy"},
    {Power::create_tokens, "create", "", "serviceaccounts", "token"},
    {Power::approve_requests, "update", k_certificates, "certificatesigningrequests", "approval"},
    {Power::approve_requests, "patch", k_certificates, "certificatesigningrequests", "approval"},
    {Power::create_persistent_volumes, "create", "", "persistentvolumes", ""},
    {Power::write_namespaces, "patch", "", "namespaces", ""},
    {Power::write_namespaces, "update", "", "namespaces", ""},
    {Power::write_namespaces, "patch", "", "namespaces", "status"},
    {Power::write_namespaces, "update", "", "namespaces", "status"},
    {Power::write_namespaces, "update", "", "namespaces", "finalize"},
    {Power::write_nodes, "update", "", "nodes", ""},
    {Power::write_nodes, "patch", "", "nodes", ""},
    {Power::write_nodes, "delete", "", "nodes", ""},
    {Power::write_nodes, "deletecollection", "", "nodes", ""},
    {Power::write_nodes, "update", "", "nodes", "status"},
    {Power::write_nodes, "patch", "", "nodes", "status"},
};

struct Kind {
    std::string_view group;
    std::string_view resource;
};

constexpr Kind k_pod_makers[] = {
    {"", "pods"},           {"", "replicationcontrollers"}, {"apps", "deployments"}, {"apps", "statefulsets"},
    {"apps", "daemonsets"}, {"apps", "replicasets"},        {"batch", "jobs"},       {"batch", "cronjobs"},
};
constexpr std::string_view k_workload_verbs[] = {"create", "update", "patch"};

constexpr Kind k_cluster_admission[] = {
    {k_admission, "validatingwebhookconfigurations"},
    {k_admission, "mutatingwebhookconfigurations"},
    {k_admission, "validatingadmissionpolicies"},
    {k_admission, "validatingadmissionpolicybindings"},
    {k_admission, "mutatingadmissionpolicies"},
    {k_admission, "mutatingadmissionpolicybindings"},
    {"config.gatekeeper.sh", "configs"},
    {"kyverno.io", "clusterpolicies"},
    {"policies.kyverno.io", "validatingpolicies"},
    {"policies.kyverno.io", "imagevalidatingpolicies"},
    {"policies.kyverno.io", "mutatingpolicies"},
};
constexpr Kind k_namespaced_admission[] = {
    {"kyverno.io", "policies"},
    {"kyverno.io", "policyexceptions"},
    {"policies.kyverno.io", "namespacedvalidatingpolicies"},
    {"policies.kyverno.io", "policyexceptions"},
};
constexpr std::string_view k_admission_verbs[] = {"create", "update", "patch", "delete", "deletecollection"};

/// ConfigMaps of kube-system that steer the cluster; locks of leader elections and the like do not count.
constexpr std::string_view k_steering_config_maps[] = {"coredns",        "kube-proxy",     "aws-auth",
                                                       "kubeadm-config", "kubelet-config", "extension-apiserver-authentication"};
constexpr std::string_view k_config_map_verbs[] = {"update", "patch", "delete", "deletecollection"};

constexpr std::string_view k_write_verbs[] = {"create", "update", "patch", "delete", "deletecollection"};
constexpr std::string_view k_read_verbs[] = {"get", "list", "watch"};

/// A review of the caller's own rights or tokens writes nothing: everybody may create one.
bool is_review(const PolicyRule& rule)
{
    const auto all = [](std::span<const Text> list, auto&& test) { return !list.empty() && std::ranges::all_of(list, test); };
    return all(rule.api_groups, [](std::string_view group) { return group == "authorization.k8s.io" || group == k_authentication; }) &&
           all(rule.resources, [](std::string_view resource) { return resource.ends_with("reviews"); });
}

bool is_everything(const PolicyRule& rule)
{
    return contains(rule.verbs, "*") && contains(rule.api_groups, "*") && contains(rule.resources, "*");
}

/// A key of extra data belongs to the resource: `userextras` alone and `userextras/*` match no key.
bool names_user_extras(const PolicyRule& rule)
{
    constexpr std::string_view prefix = "userextras/";
    return std::ranges::any_of(rule.resources, [&](std::string_view resource) {
        return resource == "*" || (resource.starts_with(prefix) && resource.size() > prefix.size() && resource != "userextras/*");
    });
}

/// Acting as a node or with extra data, which no row of k_ways can say.
Reach impersonation_reach(const PolicyRule& rule)
{
    const bool extras = (rule_matches_verb(rule, "impersonate") || rule_matches_verb(rule, "impersonate:user-info")) &&
                        rule_matches_group(rule, k_authentication) && names_user_extras(rule);
    // Pods act as the node that they run on; the API server asks for that node under the literal name `*`.
    const bool own_node = rule_allows(rule, "impersonate:associated-node", k_authentication, "nodes") &&
                          (rule.resource_names.empty() || contains(rule.resource_names, "*"));
    if (own_node) return Reach::all;
    return extras ? reach_by_names(rule, "impersonate", true) : Reach::none;
}

bool approves_client_signers(const PolicyRule& rule)
{
    if (!rule_allows(rule, "approve", k_certificates, "signers")) return false;
    // The API server asks for the signer and for <domain>/*; `*` alone is the name of no signer.
    return rule.resource_names.empty() || std::ranges::any_of(rule.resource_names, [](std::string_view name) {
               return name == "kubernetes.io/kube-apiserver-client" || name == "kubernetes.io/kube-apiserver-client-kubelet" ||
                      name == "kubernetes.io/*";
           });
}

/// The kinds of Gatekeeper's constraints are the cluster's own, so any resource of their group counts. A rule on every group means them
/// with `*`, or with the names that the constraint library gives its kinds.
bool names_constraints(const PolicyRule& rule)
{
    constexpr std::string_view group = "constraints.gatekeeper.sh";
    const bool by_group = contains(rule.api_groups, group);
    if (!by_group && !contains(rule.api_groups, "*")) return false;
    return std::ranges::any_of(rule.resources, [&](std::string_view resource) {
        if (resource.find('/') != std::string_view::npos) return false;
        return by_group || resource == "*" || resource.starts_with("k8s");
    });
}

/// `pods/*` looks like every subresource of pods and matches none: of the two, only the resource may be a star.
bool matches_nothing(std::string_view resource)
{
    return resource.ends_with("/*");
}

/// How far one of the verbs reaches on whatever the rule's resources are.
Reach reach_on_anything(const PolicyRule& rule, std::span<const std::string_view> verbs)
{
    auto reach = Reach::none;
    for (const std::string_view resource : rule.resources) {
        if (matches_nothing(resource)) continue;
        const bool on_subresource = resource.find('/') != std::string_view::npos;
        for (const auto verb : verbs)
            if (rule_matches_verb(rule, verb)) reach = std::max(reach, reach_by_names(rule, verb, on_subresource));
    }
    return reach;
}

} // namespace

Reach reach_of(const Role& role, std::string_view verb, std::string_view group, std::string_view resource, std::string_view subresource)
{
    const bool object_read = subresource.empty() && std::ranges::find(k_read_verbs, verb) != std::end(k_read_verbs);
    auto reach = Reach::none;
    for (const auto& rule : role.rules) {
        if (!rule_allows(rule, verb, group, resource, subresource)) continue;
        auto one = reach_by_names(rule, verb, !subresource.empty());
        if (one == Reach::named && object_read) continue;
        if (one == Reach::none && verb == "create" && subresource.empty() && creates_by_name(role, rule, group, resource)) one = Reach::named;
        reach = std::max(reach, one);
    }
    return reach;
}

bool has_write_verb(const PolicyRule& rule)
{
    return std::ranges::any_of(k_write_verbs, [&](auto verb) { return rule_matches_verb(rule, verb); });
}

bool is_builtin_group(std::string_view group)
{
    static constexpr std::string_view k_groups[] = {
        "",
        "apps",
        "batch",
        "autoscaling",
        "policy",
        "extensions",
        k_rbac,
        k_admission,
        k_certificates,
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        k_authentication,
        "authorization.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    };
    return std::ranges::find(k_groups, group) != std::end(k_groups);
}

RolePowers::RolePowers(const Role& role)
{
    for (const auto& way : k_ways)
        raise(way.power, reach_of(role, way.verb, way.group, way.resource, way.subresource));
    for (const auto& kind : k_pod_makers)
        for (const auto verb : k_workload_verbs)
            raise(Power::write_workloads, reach_of(role, verb, kind.group, kind.resource));
    for (const auto verb : k_admission_verbs) {
        for (const auto& kind : k_cluster_admission)
            raise(Power::write_cluster_admission, reach_of(role, verb, kind.group, kind.resource));
        for (const auto& kind : k_namespaced_admission)
            raise(Power::write_namespaced_admission, reach_of(role, verb, kind.group, kind.resource));
    }
    for (const auto& rule : role.rules)
        add_rule(rule);
}

void RolePowers::add_rule(const PolicyRule& rule)
{
    if (rule.verbs.empty() || rule.resources.empty()) return;
    if (is_everything(rule)) raise(Power::everything, rule.resource_names.empty() ? Reach::all : Reach::named);
    if (approves_client_signers(rule)) raise(Power::approve_client_signers, Reach::all);
    raise(Power::impersonate_identities, impersonation_reach(rule));
    const bool constraints = names_constraints(rule);
    for (const auto verb : k_admission_verbs)
        if (constraints && rule_matches_verb(rule, verb)) raise(Power::write_cluster_admission, reach_by_names(rule, verb, false));
    for (const auto verb : k_config_map_verbs) {
        if (!rule_allows(rule, verb, "", "configmaps")) continue;
        const auto reach = reach_by_names(rule, verb, false);
        const bool steers =
            reach == Reach::all || std::ranges::any_of(k_steering_config_maps, [&](auto name) { return contains(rule.resource_names, name); });
        if (steers) raise(Power::write_system_config, reach);
    }
    add_general(rule, is_review(rule) ? Reach::none : reach_on_anything(rule, k_write_verbs));
}

void RolePowers::add_general(const PolicyRule& rule, Reach writes)
{
    raise(Power::read_anything, reach_on_anything(rule, k_read_verbs));
    raise(Power::write_anything, writes);
    if (std::ranges::any_of(rule.api_groups, [](std::string_view group) { return group == "*" || is_builtin_group(group); }))
        raise(Power::write_builtin, writes);
}

void RolePowers::add(const RolePowers& other)
{
    for (std::size_t i = 0; i < m_reach.size(); ++i)
        m_reach[i] = std::max(m_reach[i], other.m_reach[i]);
}

void RolePowers::raise(Power power, Reach reach)
{
    auto& held = m_reach[static_cast<std::size_t>(power)];
    held = std::max(held, reach);
}

} // namespace seaworthy::model

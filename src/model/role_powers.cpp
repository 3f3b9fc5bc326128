// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/role_powers.hpp"

#include <algorithm>

#include "seaworthy/model/rbac_index.hpp"

namespace seaworthy::model {

namespace {

constexpr std::string_view k_rbac = "rbac.authorization.k8s.io";
constexpr std::string_view k_admission = "admissionregistration.k8s.io";
constexpr std::string_view k_certificates = "certificates.k8s.io";

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
    {Power::enter_pods, "create", "", "pods", "exec"},
    {Power::enter_pods, "create", "", "pods", "attach"},
    {Power::enter_pods, "create", "", "pods", "portforward"},
    {Power::enter_pods, "update", "", "pods", "ephemeralcontainers"},
    {Power::enter_pods, "patch", "", "pods", "ephemeralcontainers"},
    {Power::get_exec, "get", "", "pods", "exec"},
    {Power::get_exec, "get", "", "pods", "attach"},
    {Power::get_exec, "get", "", "pods", "portforward"},
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

constexpr std::string_view k_write_verbs[] = {"create", "update", "patch", "delete", "deletecollection", "*"};
constexpr std::string_view k_read_verbs[] = {"get", "list", "watch"};

/// A review of the caller's own rights or tokens writes nothing: everybody may create one.
bool is_review(const PolicyRule& rule)
{
    const auto all = [](std::span<const Text> list, auto&& test) { return !list.empty() && std::ranges::all_of(list, test); };
    return all(rule.api_groups, [](std::string_view group) { return group == "authorization.k8s.io" || group == "authentication.k8s.io"; }) &&
           all(rule.resources, [](std::string_view resource) { return resource.ends_with("reviews"); });
}

bool contains(std::span<const Text> list, std::string_view item)
{
    return std::ranges::any_of(list, [&](Text entry) { return entry == item; });
}

bool is_everything(const PolicyRule& rule)
{
    return contains(rule.verbs, "*") && contains(rule.api_groups, "*") && contains(rule.resources, "*");
}

Reach reach_by_names(const PolicyRule& rule)
{
    return rule.resource_names.empty() ? Reach::all : Reach::named;
}

/// `impersonate`, and the modes of constrained impersonation (KEP-5284).
bool has_impersonate_verb(const PolicyRule& rule)
{
    return std::ranges::any_of(rule.verbs, [](std::string_view verb) {
        return verb == "*" || verb == "impersonate" || verb.starts_with("impersonate:") || verb.starts_with("impersonate-on:");
    });
}

bool names_impersonated_identity(const PolicyRule& rule)
{
    return std::ranges::any_of(rule.resources, [](std::string_view resource) {
        return resource == "*" || resource == "users" || resource == "groups" || resource == "uids" || resource == "userextras" ||
               resource.starts_with("userextras/");
    });
}

bool approves_client_signers(const PolicyRule& rule)
{
    if (!rule_allows(rule, "approve", k_certificates, "signers")) return false;
    return rule.resource_names.empty() || std::ranges::any_of(rule.resource_names, [](std::string_view name) {
               return name.starts_with("kubernetes.io/kube-apiserver-client") || name == "kubernetes.io/*" || name == "*";
           });
}

bool shares_a_name(const PolicyRule& a, const PolicyRule& b)
{
    return std::ranges::any_of(a.resource_names, [&](Text name) { return contains(b.resource_names, name); });
}

} // namespace

Reach reach_of(const Role& role, std::string_view verb, std::string_view group, std::string_view resource, std::string_view subresource)
{
    const bool object_read = subresource.empty() && std::ranges::find(k_read_verbs, verb) != std::end(k_read_verbs);
    auto reach = Reach::none;
    for (const auto& rule : role.rules) {
        if (!rule_allows(rule, verb, group, resource, subresource)) continue;
        if (rule.resource_names.empty()) return Reach::all;
        if (object_read || verb == "deletecollection") continue;
        if (verb == "create" && subresource.empty()) {
            // A POST names no object; a server-side apply or a PUT that creates one does, and needs patch or update as well.
            const bool beside_write = std::ranges::any_of(role.rules, [&](const PolicyRule& other) {
                return (rule_allows(other, "patch", group, resource) || rule_allows(other, "update", group, resource)) &&
                       (other.resource_names.empty() || shares_a_name(rule, other));
            });
            if (!beside_write) continue;
        }
        reach = Reach::named;
    }
    return reach;
}

bool has_write_verb(const PolicyRule& rule)
{
    return std::ranges::any_of(rule.verbs, [](std::string_view verb) { return std::ranges::find(k_write_verbs, verb) != std::end(k_write_verbs); });
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
        "authentication.k8s.io",
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
    const auto reach = reach_by_names(rule);
    if (is_everything(rule)) raise(Power::everything, reach);
    if (rule_matches_group(rule, "") && rule_matches_resource(rule, "nodes", "proxy")) raise(Power::proxy_nodes, reach);
    if (approves_client_signers(rule)) raise(Power::approve_client_signers, Reach::all);
    if (has_impersonate_verb(rule) && (rule_matches_group(rule, "") || rule_matches_group(rule, "authentication.k8s.io"))) {
        if (rule_matches_resource(rule, "serviceaccounts")) raise(Power::impersonate_service_accounts, reach);
        if (names_impersonated_identity(rule)) raise(Power::impersonate_identities, reach);
    }
    // The kinds of Gatekeeper constraints are the cluster's own, so any resource of the group counts.
    if (rule_matches_group(rule, "constraints.gatekeeper.sh") && has_write_verb(rule)) raise(Power::write_cluster_admission, reach);
    for (const auto verb : k_config_map_verbs) {
        if (!rule_allows(rule, verb, "", "configmaps")) continue;
        const bool steers = reach == Reach::all || (verb != "deletecollection" && std::ranges::any_of(k_steering_config_maps, [&](auto name) {
                                                        return contains(rule.resource_names, name);
                                                    }));
        if (steers) raise(Power::write_system_config, reach);
    }
    add_general(rule, reach);
}

void RolePowers::add_general(const PolicyRule& rule, Reach reach)
{
    if (std::ranges::any_of(k_read_verbs, [&](auto verb) { return rule_matches_verb(rule, verb); })) raise(Power::read_anything, reach);
    if (is_review(rule) || !has_write_verb(rule)) return;
    // `create` of an object by name matches no request of its own; beside patch or update that rule counts.
    const bool only_create = rule.verbs.size() == 1 && rule.verbs.front() == "create";
    const bool on_objects =
        std::ranges::none_of(rule.resources, [](std::string_view resource) { return resource.find('/') != std::string_view::npos; });
    if (reach == Reach::named && only_create && on_objects) return;
    raise(Power::write_anything, reach);
    if (std::ranges::any_of(rule.api_groups, [](std::string_view group) { return group == "*" || is_builtin_group(group); }))
        raise(Power::write_builtin, reach);
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

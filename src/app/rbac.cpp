// SPDX-License-Identifier: Apache-2.0
#include "app/rbac.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "seaworthy/base/suggestion.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::app {

namespace {

constexpr std::string_view k_optional_grants[] = {"CM", "CMA", "SE", "ME"};
constexpr std::string_view k_rbac_api = "rbac.authorization.k8s.io";

struct Rule {
    std::string group;
    std::set<std::string> resources;
    std::set<std::string> names;
    std::string verbs;
};

std::string join(const std::set<std::string>& texts)
{
    std::string out;
    for (const auto& text : texts)
        out += (out.empty() ? "" : ", ") + (text == "*" ? std::string{"\"*\""} : text);
    return out;
}

std::string rule_yaml(const Rule& rule)
{
    auto out = fmt::format("- apiGroups: [{}]\n  resources: [{}]\n", rule.group.empty() ? "\"\"" : rule.group, join(rule.resources));
    if (!rule.names.empty()) out += fmt::format("  resourceNames: [{}]\n", join(rule.names));
    return out + fmt::format("  verbs: [{}]\n", rule.verbs);
}

std::string metadata(const std::string& name, const std::string& ns)
{
    auto out = fmt::format("metadata:\n  name: {}\n", name);
    if (!ns.empty()) out += fmt::format("  namespace: {}\n", ns);
    return out + "  labels: {app.kubernetes.io/name: seaworthy}\n";
}

std::string role(const std::string& kind, const std::string& name, const std::string& ns, const std::string& rules)
{
    return fmt::format("---\napiVersion: {}/v1\nkind: {}\n{}rules:\n{}", k_rbac_api, kind, metadata(name, ns), rules);
}

std::string binding(const std::string& kind, const std::string& name, const std::string& ns, const RbacOptions& options)
{
    return fmt::format("---\napiVersion: {0}/v1\nkind: {1}Binding\n{2}roleRef: {{apiGroup: {0}, kind: {1}, name: {3}}}\n"
                       "subjects:\n- {{kind: ServiceAccount, name: {4}, namespace: {5}}}\n",
                       k_rbac_api, kind, metadata(name, ns), name, options.name, options.ns);
}

std::string bound_role(const std::string& kind, const std::string& name, const std::string& ns, const std::string& rules, const RbacOptions& options)
{
    return role(kind, name, ns, rules) + binding(kind, name, ns, options);
}

/// Rules of the lists of a plan, by API group. `cluster_too`: cluster-scoped resources as well; a Role could not grant them.
std::string list_rules(const model::ReadPlan& plan, bool cluster_too)
{
    std::map<std::string, Rule> rules;
    for (const auto& item : plan.lists) {
        const auto* builtin = model::find_builtin_resource(item.resource);
        if (!cluster_too && builtin != nullptr && !builtin->namespaced) continue;
        const std::string group{model::group_of(item.resource)};
        auto& rule = rules[group];
        rule.group = group;
        rule.verbs = "list";
        rule.resources.insert(item.resource.substr(0, item.resource.find('.')));
    }
    std::string out;
    for (const auto& [group, rule] : rules)
        out += rule_yaml(rule);
    return out;
}

std::string virtual_rules(const model::ReadPlan& plan)
{
    std::string out;
    if (plan.self_reviews) out += rule_yaml({"authorization.k8s.io", {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}, {}, "create"});
    std::set<std::string> paths;
    constexpr std::string_view prefix = "apiserver:";
    for (const auto& probe : plan.probes)
        if (probe.starts_with(prefix)) paths.insert(probe.substr(prefix.size(), probe.find('?') - prefix.size()));
    if (!paths.empty()) out += fmt::format("- nonResourceURLs: [{}]\n  verbs: [get]\n", join(paths));
    return out;
}

/// Named ConfigMaps are read one by one, each in its own namespace.
std::string config_map_roles(const model::ReadPlan& plan, const RbacOptions& options)
{
    std::map<std::string, Rule> by_namespace;
    for (const auto& config_map : plan.config_maps) {
        const auto slash = config_map.find('/');
        auto& rule = by_namespace[config_map.substr(0, slash)];
        rule.resources = {"configmaps"};
        rule.verbs = "get";
        rule.names.insert(config_map.substr(slash + 1));
    }
    std::string out;
    for (const auto& [ns, rule] : by_namespace)
        out += bound_role("Role", options.name + "-configmaps", ns, rule_yaml(rule), options);
    return out;
}

std::string lease_role(const config::LeaderElection& election, const RbacOptions& options)
{
    if (!election.enabled) return {};
    const auto& ns = election.ns.empty() ? options.ns : election.ns;
    // `create` cannot be bound to a name.
    const auto rules = rule_yaml({"coordination.k8s.io", {"leases"}, {}, "create"}) +
                       rule_yaml({"coordination.k8s.io", {"leases"}, {election.lease_name}, "get, update"});
    return bound_role("Role", options.name + "-leader-election", ns, rules, options);
}

} // namespace

Result<std::string> rbac_manifests(const config::Config& config, const RbacOptions& options)
{
    auto settings = config.settings;
    for (const auto& grant : options.with) {
        if (std::ranges::find(k_optional_grants, grant) == std::end(k_optional_grants))
            return failure(Error::Kind::usage, fmt::format("--with {}: no such optional grant; they are {}{}", grant,
                                                           fmt::join(k_optional_grants, ", "), did_you_mean(grant, k_optional_grants)));
        settings.grants.insert(grant);
    }
    const auto plan = engine::read_plan(settings);
    auto out = fmt::format("# What an audit reads, and no more. Made by `seaworthy rbac`{}.\napiVersion: v1\nkind: "
                           "ServiceAccount\n{}automountServiceAccountToken: false\n",
                           options.namespaced ? " --namespaced" : "", metadata(options.name, options.ns));
    if (options.namespaced) {
        const auto rules = list_rules(plan, false);
        for (const auto& ns : options.audited.empty() ? std::vector{options.ns} : options.audited)
            out += bound_role("Role", options.name, ns, rules, options);
    } else {
        out += bound_role("ClusterRole", options.name, {}, list_rules(plan, true) + virtual_rules(plan), options);
    }
    return out + config_map_roles(plan, options) + lease_role(config.leader_election, options);
}

} // namespace seaworthy::app

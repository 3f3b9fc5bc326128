// SPDX-License-Identifier: Apache-2.0
// Rights that are wider than their use: cluster-wide where a namespace would do, by person instead of by group, or without any effect.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/environment_labels.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/rbac/checks.hpp"
#include "controls/rbac/default_objects.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::PolicyRule;
using model::Role;
using model::RoleBinding;

namespace {

// ---- rbac-tenant-sa-cluster-write

/// Built-in resources that have no namespace: writing them needs a ClusterRoleBinding. Reviews write nothing.
bool is_cluster_scoped(std::string_view resource)
{
    static constexpr std::string_view k_resources[] = {
        "apiservices",
        "certificatesigningrequests",
        "clusterrolebindings",
        "clusterroles",
        "clustertrustbundles",
        "csidrivers",
        "csinodes",
        "customresourcedefinitions",
        "deviceclasses",
        "flowschemas",
        "ingressclasses",
        "ipaddresses",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
        "mutatingwebhookconfigurations",
        "namespaces",
        "nodes",
        "persistentvolumes",
        "priorityclasses",
        "prioritylevelconfigurations",
        "resourceslices",
        "runtimeclasses",
        "selfsubjectaccessreviews",
        "selfsubjectreviews",
        "selfsubjectrulesreviews",
        "servicecidrs",
        "storageclasses",
        "storageversions",
        "subjectaccessreviews",
        "tokenreviews",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "validatingwebhookconfigurations",
        "volumeattachments",
        "volumeattributesclasses",
    };
    return std::ranges::binary_search(k_resources, resource.substr(0, resource.find('/')));
}

/// True if the rule writes built-in objects that live in namespaces.
bool writes_namespaced(const PolicyRule& rule)
{
    const bool builtin = std::ranges::any_of(rule.api_groups, [](Text group) { return group == "*" || model::is_builtin_group(group); });
    return builtin && model::has_write_verb(rule) && std::ranges::any_of(rule.resources, [](Text resource) { return !is_cluster_scoped(resource); });
}

std::vector<const RoleBinding*> cluster_bindings_of(const model::ServiceAccount& account, const Context& context)
{
    std::vector<const RoleBinding*> bindings;
    for (const auto list : {context.rbac.bindings_of_service_account(account.meta.ns, account.meta.name),
                            context.rbac.bindings_of_service_accounts_in(account.meta.ns)})
        for (const auto* binding : list)
            if (binding->is_cluster_binding() && !is_default_binding(*binding, context)) bindings.push_back(binding);
    return bindings;
}

// ---- rbac-ineffective-or-unused

/// `pods/*` and `*/*`: Kubernetes matches `*/status`, never a wildcard after the slash.
bool is_dead_pattern(std::string_view resource)
{
    return resource.ends_with("/*");
}

/// True if each of the rule's resourceNames is a name: the empty one is that of a request to create, which names no object.
bool is_by_name(const PolicyRule& rule)
{
    return !rule.resource_names.empty() && std::ranges::none_of(rule.resource_names, [](Text name) { return name.empty(); });
}

/// True if the role may update or patch what the rule creates: server-side apply then creates objects by name.
bool also_changes(const Role& role, std::string_view group, std::string_view resource)
{
    return std::ranges::any_of(role.rules, [&](const PolicyRule& rule) {
        return model::rule_allows(rule, "patch", group, resource) || model::rule_allows(rule, "update", group, resource);
    });
}

/// True unless the group is a custom one that is served and lacks the resource.
bool may_have(Text group, Text resource, const Context& context)
{
    if (group == "*" || model::is_builtin_group(group) || !context.inventory.serves_group(group)) return true;
    return context.inventory.serves(fmt::format("{}.{}", resource.view(), group.view()));
}

void find_dead_parts(const Role& role, const PolicyRule& rule, const Context& context, NameList& found)
{
    for (const Text resource : rule.resources) {
        if (is_dead_pattern(resource)) found.add(fmt::format("resource {} matches nothing", resource.view()));
        if (resource.view().find('/') != std::string_view::npos || resource == "*") continue;
        for (const Text group : rule.api_groups) {
            const bool by_name = is_by_name(rule) && std::ranges::any_of(rule.verbs, [](Text verb) { return verb == "create"; });
            if (by_name && !also_changes(role, group, resource))
                found.add(fmt::format("create of {} by name never matches: a request to create names no object", resource.view()));
        }
        // A rule of several groups means their union: a resource of one of them is not missing from the others.
        if (std::ranges::any_of(rule.api_groups, [&](Text group) { return may_have(group, resource, context); })) continue;
        for (const Text group : rule.api_groups)
            found.add(fmt::format("group {} has no resource {}", group.view(), resource.view()));
    }
}

using Selectors = std::vector<const model::LabelSelector*>;

/// How the ClusterRoles that are made of others choose them.
Selectors aggregating_selectors(const Context& context)
{
    Selectors selectors;
    for (const auto& role : context.inventory.roles)
        for (const auto& selector : role.aggregation)
            selectors.push_back(&selector);
    return selectors;
}

/// True if a ClusterRole is there to be added to another.
bool is_aggregated(const Role& role, const Selectors& aggregating)
{
    for (const auto& [key, value] : role.meta.labels)
        if (key.view().starts_with("rbac.authorization.k8s.io/aggregate-to-")) return true;
    return std::ranges::any_of(aggregating, [&](const auto* selector) { return selector->matches(role.meta.labels); });
}

Verdict judge_effect(const Role& role, const Selectors& aggregating, const Context& context)
{
    if (is_default_role(role, context)) return check::not_applicable("The role comes with Kubernetes or the platform").proven();
    NameList dead;
    for (const auto& rule : role.rules)
        find_dead_parts(role, rule, context, dead);
    if (!dead.empty()) return check::warn(fmt::format("A rule has no effect: {}", dead.text())).with("rules", dead.values());
    if (!context.rbac.bindings_of_role(role).empty()) return check::pass("Bound, and every rule can match").proven();
    if (role.is_cluster_role() && is_aggregated(role, aggregating)) return check::pass("Added to other roles, and every rule can match").proven();
    return check::warn("No binding refers to it").by_absence();
}

} // namespace

Verdict tenant_cluster_write(const model::ServiceAccount& account, const Context& context)
{
    if (is_platform_namespace(account.meta.ns, context)) return check::not_applicable("Its namespace serves the whole cluster").proven();
    const auto bindings = cluster_bindings_of(account, context);
    const auto rest = [&](Verdict verdict) {
        return resting_on(std::move(verdict), context, "*",
                          {"clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"});
    };
    if (bindings.empty()) return rest(check::not_applicable("No ClusterRoleBinding names it"));
    const model::Identity identity{model::Identity::Kind::service_account, account.meta.ns, account.meta.name};
    NameList roles;
    NameList accepted;
    for (const auto* binding : bindings) {
        const auto* role = context.rbac.role_of(*binding);
        if (role == nullptr || std::ranges::none_of(role->rules, writes_namespaced)) continue;
        const Grant grant{*binding, *role, context.rbac.powers_of(*binding), identity};
        (exception_for(grant, context) != nullptr ? accepted : roles).add(role->meta.name.str());
    }
    if (!roles.empty())
        return check::warn(fmt::format("May write in every namespace, through ClusterRole {}", roles.text())).with("roles", roles.values());
    if (!accepted.empty()) return rest(check::pass(fmt::format("May write in every namespace through {} (accepted)", accepted.text())));
    return rest(check::pass("Writes no built-in objects cluster-wide"));
}

Verdict users_instead_of_groups(const Context& context)
{
    std::set<std::string_view> users;
    std::set<std::string_view> groups;
    NameList admins;
    for (const auto& binding : context.inventory.role_bindings) {
        if (is_default_binding(binding, context)) continue;
        for (const auto& subject : binding.subjects) {
            const auto identity = model::identity_of(subject);
            if (!identity.is_human()) continue;
            const bool user = identity.kind == model::Identity::Kind::user;
            const bool first = (user ? users : groups).insert(identity.name).second;
            if (user && binding.is_cluster_binding() && context.rbac.powers_of(binding)[model::Power::everything] == model::Reach::all && first)
                admins.add(std::string{identity.name});
        }
    }
    if (!admins.empty()) return check::warn(fmt::format("cluster-admin is bound to {} by name", admins.text())).with("users", admins.values());
    const auto all = users.size() + groups.size();
    if (all == 0) return check::not_applicable("No binding names a person or a group of them");
    const auto share = 100.0 * static_cast<double>(users.size()) / static_cast<double>(all);
    const auto described = fmt::format("{} of {} people and groups in bindings are single users", users.size(), all);
    if (share > context.parameters.number("maxUserShare")) return check::warn(described).with("users", static_cast<std::int64_t>(users.size()));
    return check::pass(described);
}

void ineffective_or_unused(const Context& context, Results& results)
{
    const auto aggregating = aggregating_selectors(context);
    for (const auto& role : context.inventory.roles) {
        auto verdict = too_young(role.meta, context);
        if (!verdict)
            verdict = resting_on(judge_effect(role, aggregating, context), context, role.meta.ns,
                                 {"rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io",
                                  "clusterroles.rbac.authorization.k8s.io"});
        results.add(ObjectKey::of(role), role.meta.ns, std::move(*verdict));
    }
}

} // namespace seaworthy::controls::rbac

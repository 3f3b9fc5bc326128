// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/rbac_index.hpp"

#include <algorithm>

namespace seaworthy::model {

namespace {

constexpr std::string_view k_service_account_user = "system:serviceaccount:";
constexpr std::string_view k_service_accounts = "system:serviceaccounts";

std::string role_key(std::string_view ns, std::string_view name)
{
    std::string key{ns};
    key += '/';
    key += name;
    return key;
}

void push_unique(std::vector<const RoleBinding*>& list, const RoleBinding* binding)
{
    // The subjects of one binding come one after the other, so a repeated one is always at the end.
    if (list.empty() || list.back() != binding) list.push_back(binding);
}

const RolePowers k_no_powers;

} // namespace

std::string Identity::path() const
{
    switch (kind) {
    case Kind::user: return "User/" + std::string{name};
    case Kind::group: return "Group/" + std::string{name};
    case Kind::service_account: return "ServiceAccount/" + role_key(ns, name);
    case Kind::other: break;
    }
    return std::string{name};
}

Identity identity_of(const Subject& subject)
{
    const std::string_view name = subject.name;
    switch (subject.kind) {
    case Subject::Kind::service_account: return {Identity::Kind::service_account, subject.ns, name};
    case Subject::Kind::group: return {Identity::Kind::group, {}, name};
    case Subject::Kind::other: return {Identity::Kind::other, {}, name};
    case Subject::Kind::user: break;
    }
    if (name.starts_with(k_service_account_user)) {
        const auto rest = name.substr(k_service_account_user.size());
        if (const auto colon = rest.find(':'); colon != std::string_view::npos && rest.find(':', colon + 1) == std::string_view::npos)
            return {Identity::Kind::service_account, rest.substr(0, colon), rest.substr(colon + 1)};
    }
    return {Identity::Kind::user, {}, name};
}

std::string_view namespace_of_group(std::string_view group)
{
    if (!group.starts_with(k_service_accounts) || group.size() <= k_service_accounts.size() + 1) return {};
    return group[k_service_accounts.size()] == ':' ? group.substr(k_service_accounts.size() + 1) : std::string_view{};
}

RbacIndex::RbacIndex(const Inventory& inventory)
{
    for (const auto& role : inventory.roles) {
        m_roles.emplace(role_key(role.meta.ns, role.meta.name), &role);
        m_powers.emplace(&role, RolePowers{role});
    }
    for (const auto& binding : inventory.role_bindings) {
        if (const auto* role = role_of(binding)) m_by_role[role].push_back(&binding);
        for (const auto& subject : binding.subjects)
            index_subject(binding, subject);
    }
    for (auto& [ns, groups] : m_admin_groups) {
        std::ranges::sort(groups);
        groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    }
}

void RbacIndex::index_subject(const RoleBinding& binding, const Subject& subject)
{
    const auto identity = identity_of(subject);
    if (identity.kind == Identity::Kind::service_account) push_unique(m_by_service_account[role_key(identity.ns, identity.name)], &binding);
    if (identity.kind == Identity::Kind::group) {
        if (identity.name == k_service_accounts) push_unique(m_by_service_accounts_group, &binding);
        if (const auto ns = namespace_of_group(identity.name); !ns.empty()) push_unique(m_by_namespace_group[std::string{ns}], &binding);
        if (identity.is_human() && powers_of(binding).has(Power::everything)) m_admin_groups[binding.meta.ns.str()].emplace_back(identity.name);
    }
    if (binding.is_cluster_binding()) m_cluster_powers[identity.path()].add(powers_of(binding));
}

const Role* RbacIndex::role_of(const RoleBinding& binding) const
{
    if (binding.role_kind == "Role" && binding.is_cluster_binding()) return nullptr;
    const auto ns = binding.role_kind == "Role" ? binding.meta.ns.view() : std::string_view{};
    const auto found = m_roles.find(role_key(ns, binding.role_name));
    return found == m_roles.end() ? nullptr : found->second;
}

const RolePowers& RbacIndex::powers_of(const RoleBinding& binding) const
{
    const auto* role = role_of(binding);
    return role == nullptr ? k_no_powers : powers_of(*role);
}

const RolePowers& RbacIndex::powers_of(const Role& role) const
{
    const auto found = m_powers.find(&role);
    return found == m_powers.end() ? k_no_powers : found->second;
}

const RolePowers& RbacIndex::cluster_powers_of(const Identity& identity) const
{
    const auto found = m_cluster_powers.find(identity.path());
    return found == m_cluster_powers.end() ? k_no_powers : found->second;
}

std::span<const RoleBinding* const> RbacIndex::bindings_of_service_account(std::string_view ns, std::string_view name) const
{
    const auto found = m_by_service_account.find(role_key(ns, name));
    return found == m_by_service_account.end() ? std::span<const RoleBinding* const>{} : found->second;
}

std::span<const RoleBinding* const> RbacIndex::bindings_of_service_accounts_in(std::string_view ns) const
{
    const auto found = m_by_namespace_group.find(std::string{ns});
    return found == m_by_namespace_group.end() ? std::span<const RoleBinding* const>{} : found->second;
}

std::span<const RoleBinding* const> RbacIndex::bindings_of_role(const Role& role) const
{
    const auto found = m_by_role.find(&role);
    return found == m_by_role.end() ? std::span<const RoleBinding* const>{} : found->second;
}

std::size_t RbacIndex::admin_groups(std::string_view ns) const
{
    const auto found = m_admin_groups.find(ns);
    return found == m_admin_groups.end() ? 0 : found->second.size();
}

bool rule_matches_verb(const PolicyRule& rule, std::string_view verb)
{
    return std::ranges::any_of(rule.verbs, [&](Text entry) { return entry == "*" || entry == verb; });
}

bool rule_matches_group(const PolicyRule& rule, std::string_view group)
{
    return std::ranges::any_of(rule.api_groups, [&](Text entry) { return entry == "*" || entry == group; });
}

bool rule_matches_resource(const PolicyRule& rule, std::string_view resource, std::string_view subresource)
{
    return std::ranges::any_of(rule.resources, [&](Text entry) {
        const std::string_view text = entry;
        if (text == "*") return true;
        if (subresource.empty()) return text == resource;
        if (!text.ends_with(subresource)) return false;
        const auto head = text.substr(0, text.size() - subresource.size());
        return head == "*/" || (head.ends_with('/') && head.substr(0, head.size() - 1) == resource);
    });
}

bool rule_allows(const PolicyRule& rule, std::string_view verb, std::string_view group, std::string_view resource, std::string_view subresource)
{
    return rule_matches_verb(rule, verb) && rule_matches_group(rule, group) && rule_matches_resource(rule, resource, subresource);
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/model/inventory.hpp"
#include "seaworthy/model/role_powers.hpp"

namespace seaworthy::model {

/// Who a subject of a binding stands for. The user `system:serviceaccount:<ns>:<name>` is that ServiceAccount.
struct Identity {
    enum class Kind { user, group, service_account, other };
    Kind kind = Kind::other;
    std::string_view ns; ///< of a ServiceAccount
    std::string_view name;

    /// A user or group outside `system:`: a person, or what the identity provider calls so.
    [[nodiscard]] bool is_human() const { return (kind == Kind::user || kind == Kind::group) && !name.starts_with("system:"); }
    /// "ServiceAccount/shop/api", "User/ann", "Group/team-a".
    [[nodiscard]] std::string path() const;
};
[[nodiscard]] Identity identity_of(const Subject& subject);
/// `<ns>` of the group `system:serviceaccounts:<ns>`; empty for any other name.
[[nodiscard]] std::string_view namespace_of_group(std::string_view group);

/// The permission engine: who is bound to which rules, by Kubernetes' own matching (pkg/apis/rbac/v1/evaluation_helpers.go). Built once.
class RbacIndex {
public:
    explicit RbacIndex(const Inventory& inventory);

    /// The role that a binding refers to; nullptr where it was not read.
    [[nodiscard]] const Role* role_of(const RoleBinding& binding) const;
    /// What the binding's role allows; nothing where the role was not read.
    [[nodiscard]] const RolePowers& powers_of(const RoleBinding& binding) const;
    [[nodiscard]] const RolePowers& powers_of(const Role& role) const;
    /// The union over all ClusterRoleBindings that name the identity itself.
    [[nodiscard]] const RolePowers& cluster_powers_of(const Identity& identity) const;

    /// Bindings that name the ServiceAccount as such or as user `system:serviceaccount:<ns>:<name>`. What it has through its groups is
    /// in the two lists below, so that a thousand accounts of a group do not hold a thousand copies.
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_service_account(std::string_view ns, std::string_view name) const;
    /// Bindings of the group `system:serviceaccounts:<ns>`.
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_service_accounts_in(std::string_view ns) const;
    /// Bindings of the group `system:serviceaccounts`: every ServiceAccount.
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_all_service_accounts() const { return m_by_service_accounts_group; }
    /// Bindings that refer to the role.
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_role(const Role& role) const;
    /// Distinct human groups that hold everything: in the whole cluster, or by RoleBindings in `ns`.
    [[nodiscard]] std::size_t admin_groups(std::string_view ns = {}) const;

private:
    using Bindings = std::vector<const RoleBinding*>;
    void index_subject(const RoleBinding& binding, const Subject& subject);

    std::unordered_map<std::string, const Role*> m_roles;
    std::unordered_map<const Role*, RolePowers> m_powers;
    std::unordered_map<const Role*, Bindings> m_by_role;
    std::unordered_map<std::string, Bindings> m_by_service_account; ///< by "ns/name"
    std::unordered_map<std::string, Bindings> m_by_namespace_group;
    Bindings m_by_service_accounts_group;
    std::unordered_map<std::string, RolePowers> m_cluster_powers;                ///< by Identity::path()
    std::map<std::string, std::vector<std::string>, std::less<>> m_admin_groups; ///< by namespace, "" the cluster; each group once
};

/// RBAC's matching: a rule's verbs hold `*` or the verb.
[[nodiscard]] bool rule_matches_verb(const PolicyRule& rule, std::string_view verb);
/// A rule's groups hold `*` or the group.
[[nodiscard]] bool rule_matches_group(const PolicyRule& rule, std::string_view group);
/// A rule's resources hold `*`, the exact `resource` or `resource/subresource`, or `*/subresource`. `pods/*` matches nothing.
[[nodiscard]] bool rule_matches_resource(const PolicyRule& rule, std::string_view resource, std::string_view subresource = {});
/// All three, resourceNames left aside.
[[nodiscard]] bool rule_allows(const PolicyRule& rule, std::string_view verb, std::string_view group, std::string_view resource,
                               std::string_view subresource = {});

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/model/inventory.hpp"

namespace seaworthy::model {

/// The permission engine: who is bound to which rules, by Kubernetes' own matching (pkg/apis/rbac/v1/evaluation_helpers.go). Built once.
class RbacIndex {
public:
    explicit RbacIndex(const Inventory& inventory);

    /// The role that a binding refers to; nullptr where it was not read.
    [[nodiscard]] const Role* role_of(const RoleBinding& binding) const;
    /// Bindings that name the ServiceAccount: as such, as user `system:serviceaccount:<ns>:<name>`, or by one of its groups
    /// `system:serviceaccounts`, `system:serviceaccounts:<ns>` (not `system:authenticated`).
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_service_account(std::string_view ns, std::string_view name) const;
    /// Bindings that refer to the role.
    [[nodiscard]] std::span<const RoleBinding* const> bindings_of_role(const Role& role) const;

private:
    const Inventory& m_inventory;
    std::unordered_map<std::string, const Role*> m_roles;
    std::unordered_map<std::string, std::vector<const RoleBinding*>> m_by_role;
    std::unordered_map<std::string, std::vector<const RoleBinding*>> m_by_service_account;
};

/// RBAC's matching: a rule's verbs hold `*` or the verb.
[[nodiscard]] bool rule_matches_verb(const PolicyRule& rule, std::string_view verb);
/// A rule's groups hold `*` or the group.
[[nodiscard]] bool rule_matches_group(const PolicyRule& rule, std::string_view group);
/// A rule's resources hold `*`, the exact `resource` or `resource/subresource`, or `*/subresource`. `pods/*` matches nothing.
[[nodiscard]] bool rule_matches_resource(const PolicyRule& rule, std::string_view resource, std::string_view subresource = {});
/// All three, resourceNames left aside.
[[nodiscard]] bool rule_allows(const PolicyRule& rule, std::string_view verb, std::string_view group, std::string_view resource, std::string_view subresource = {});

} // namespace seaworthy::model

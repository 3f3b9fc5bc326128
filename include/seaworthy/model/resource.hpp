// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seaworthy::model {

/// An API resource that checks can need. Its id is `plural.group`, or `plural` in the core group.
struct Resource {
    std::string_view id;      ///< "deployments.apps"
    std::string_view group;   ///< "apps"; empty for core
    std::string_view version; ///< the version that the decoder reads; for custom resources the first that discovery prefers
    std::string_view kind;    ///< "Deployment"
    bool namespaced = true;
    std::string_view grant; ///< catalogue grant code, "WL"

    [[nodiscard]] std::string_view plural() const { return id.substr(0, id.find('.')); }
};

/// Every built-in resource that the inventory reads, in the order in which lists are made.
[[nodiscard]] std::span<const Resource> builtin_resources();
/// The built-in resource with that id, or nullptr.
[[nodiscard]] const Resource* find_builtin_resource(std::string_view id);
/// The built-in resource of that kind in that group, or nullptr.
[[nodiscard]] const Resource* find_builtin_kind(std::string_view group, std::string_view kind);
/// The grant code that covers a resource id, built-in or custom; empty where none does.
[[nodiscard]] std::string_view grant_of(std::string_view resource_id);
/// What a grant code stands for, for people ("pods"); empty for an unknown code.
[[nodiscard]] std::string_view describe_grant(std::string_view code);
/// Grants that are off unless named: CM CMA SE ME (and H, NPR: configuration, not RBAC).
[[nodiscard]] bool is_optional_grant(std::string_view code);

/// "apps" of "deployments.apps"; empty for core resources.
[[nodiscard]] inline std::string_view group_of(std::string_view resource_id)
{
    const auto dot = resource_id.find('.');
    return dot == std::string_view::npos ? std::string_view{} : resource_id.substr(dot + 1);
}

} // namespace seaworthy::model

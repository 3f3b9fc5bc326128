// SPDX-License-Identifier: Apache-2.0
#include "model/rule_reach.hpp"

#include <algorithm>

#include "seaworthy/model/rbac_index.hpp"

namespace seaworthy::model {

namespace {

/// Whether requests of a verb name an object. A verb that is not here always does.
struct Naming {
    std::string_view verb;
    bool with_name;
    bool without_name;
};
constexpr Naming k_naming[] = {
    {"list", true, true}, // a field selector on metadata.name counts as a name
    {"watch", true, true},
    {"create", false, true}, // but see creates_by_name
    {"deletecollection", false, true},
    {"escalate", true, true}, // a role that is created has no name yet
};
/// A subresource belongs to a named object.
constexpr std::string_view k_not_of_subresources[] = {"list", "watch", "deletecollection", "escalate"};

bool holds_a_name(std::span<const Text> names)
{
    return std::ranges::any_of(names, [](Text name) { return !name.empty(); });
}

} // namespace

bool contains(std::span<const Text> list, std::string_view item)
{
    return std::ranges::any_of(list, [&](Text entry) { return entry == item; });
}

Reach reach_by_names(const PolicyRule& rule, std::string_view verb, bool on_subresource)
{
    const auto* known = std::ranges::find(k_naming, verb, &Naming::verb);
    Naming naming = known == std::end(k_naming) ? Naming{verb, true, false} : *known;
    if (on_subresource) {
        const bool asked = std::ranges::find(k_not_of_subresources, verb) == std::end(k_not_of_subresources);
        naming = {verb, asked, false};
    }
    if (!naming.with_name && !naming.without_name) return Reach::none;
    if (rule.resource_names.empty() || (naming.without_name && contains(rule.resource_names, ""))) return Reach::all;
    return naming.with_name && holds_a_name(rule.resource_names) ? Reach::named : Reach::none;
}

bool creates_by_name(const Role& role, const PolicyRule& rule, std::string_view group, std::string_view resource)
{
    const auto shares_a_name = [&](const PolicyRule& other) {
        return std::ranges::any_of(rule.resource_names, [&](Text name) { return !name.empty() && contains(other.resource_names, name); });
    };
    return holds_a_name(rule.resource_names) && std::ranges::any_of(role.rules, [&](const PolicyRule& other) {
               return (rule_allows(other, "patch", group, resource) || rule_allows(other, "update", group, resource)) &&
                      (other.resource_names.empty() || shares_a_name(other));
           });
}

} // namespace seaworthy::model

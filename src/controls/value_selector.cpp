// SPDX-License-Identifier: Apache-2.0
#include "value_selector.hpp"

#include <algorithm>
#include <optional>

namespace seaworthy::controls {

namespace {

/// `value`: of the label that the requirement is about; nothing where the object has none.
bool holds(const model::Value& requirement, std::optional<std::string_view> value)
{
    const auto op = requirement["operator"].text();
    if (op == "Exists") return value.has_value();
    if (op == "DoesNotExist") return !value;
    if (op == "In") return value && requirement["values"].contains(*value);
    if (op == "NotIn") return !value || !requirement["values"].contains(*value);
    return false;
}

template <typename Lookup>
bool matches(const model::Value& selector, Lookup lookup)
{
    return std::ranges::all_of(selector["matchLabels"].members(), [&](const auto& member) { return lookup(member.key) == member.value.text(); }) &&
           std::ranges::all_of(selector["matchExpressions"].items(),
                               [&](const auto& requirement) { return holds(requirement, lookup(requirement["key"].text())); });
}

std::optional<std::string_view> value_of(const model::StringMap& labels, std::string_view key)
{
    const auto* value = labels.find(key);
    return value != nullptr ? std::optional{value->view()} : std::nullopt;
}

} // namespace

bool selector_matches(const model::Value& selector, const model::StringMap& labels)
{
    return matches(selector, [&](std::string_view key) { return value_of(labels, key); });
}

bool namespace_selector_matches(const model::Value& selector, const model::StringMap& labels, std::string_view name)
{
    return matches(selector, [&](std::string_view key) {
        const auto value = value_of(labels, key);
        return !value && key == "kubernetes.io/metadata.name" ? std::optional{name} : value;
    });
}

bool selector_is_empty(const model::Value& selector)
{
    return selector["matchLabels"].size() == 0 && selector["matchExpressions"].size() == 0;
}

bool selector_opts_in(const model::Value& selector)
{
    if (selector["matchLabels"].size() > 0) return true;
    return std::ranges::any_of(selector["matchExpressions"].items(), [](const auto& requirement) {
        return requirement["operator"].text() == "In" || requirement["operator"].text() == "Exists";
    });
}

} // namespace seaworthy::controls

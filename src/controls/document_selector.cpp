// SPDX-License-Identifier: Apache-2.0
#include "controls/document_selector.hpp"

#include <algorithm>

namespace seaworthy::controls {

namespace {

bool holds(const model::Value& requirement, const model::StringMap& labels)
{
    const auto* value = labels.find(requirement["key"].text());
    const auto op = requirement["operator"].text();
    const bool listed = value != nullptr && requirement["values"].contains(*value);
    if (op == "In") return listed;
    if (op == "NotIn") return !listed;
    if (op == "Exists") return value != nullptr;
    return op == "DoesNotExist" && value == nullptr;
}

} // namespace

bool document_selects(const model::Value& selector, const model::StringMap& labels)
{
    if (selector.kind() != model::Value::Kind::object) return false;
    return std::ranges::all_of(selector["matchLabels"].members(), [&](const auto& member) { return labels.is(member.key, member.value.text()); }) &&
           std::ranges::all_of(selector["matchExpressions"].items(), [&](const auto& requirement) { return holds(requirement, labels); });
}

} // namespace seaworthy::controls

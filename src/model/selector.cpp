// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/selector.hpp"

#include <algorithm>

namespace seaworthy::model {
namespace {

bool holds(const SelectorRequirement& requirement, const StringMap& labels)
{
    using Operator = SelectorRequirement::Operator;
    const Text* value = labels.find(requirement.key);
    const auto listed = [&] { return std::find(requirement.values.begin(), requirement.values.end(), *value) != requirement.values.end(); };
    switch (requirement.op) {
    case Operator::in: return value != nullptr && listed();
    case Operator::not_in: return value == nullptr || !listed();
    case Operator::exists: return value != nullptr;
    case Operator::does_not_exist: return value == nullptr;
    case Operator::invalid: return false;
    }
    return false;
}

bool has_all(const StringMap& wanted, const StringMap& labels)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const KeyValue& entry) { return labels.is(entry.key, entry.value); });
}

} // namespace

bool LabelSelector::matches(const StringMap& labels) const
{
    if (!present || !has_all(match_labels, labels)) return false;
    return std::all_of(match_expressions.begin(), match_expressions.end(), [&](const SelectorRequirement& term) { return holds(term, labels); });
}

bool map_selects(const StringMap& wanted, const StringMap& labels)
{
    return !wanted.empty() && has_all(wanted, labels);
}

} // namespace seaworthy::model

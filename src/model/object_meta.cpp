// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/object_meta.hpp"

#include <algorithm>

namespace seaworthy::model {

const Text* StringMap::find(std::string_view key) const
{
    const auto* at = std::lower_bound(begin(), end(), key, [](const KeyValue& entry, std::string_view wanted) { return entry.key.view() < wanted; });
    return at != end() && at->key.view() == key ? &at->value : nullptr;
}

std::string_view StringMap::get(std::string_view key) const
{
    const Text* value = find(key);
    return value != nullptr ? value->view() : std::string_view{};
}

bool StringMap::is(std::string_view key, std::string_view value) const
{
    const Text* found = find(key);
    return found != nullptr && found->view() == value;
}

const Condition* find_condition(std::span<const Condition> conditions, std::string_view type)
{
    const auto at = std::find_if(conditions.begin(), conditions.end(), [&](const Condition& condition) { return condition.type.view() == type; });
    return at != conditions.end() ? &*at : nullptr;
}

} // namespace seaworthy::model

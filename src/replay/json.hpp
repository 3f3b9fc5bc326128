// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace seaworthy::replay {

/// Members keep their order, as the bytes on the wire have to.
using Json = nlohmann::ordered_json;

/// The text at a path of members, "metadata.name"; empty where there is none. Numbers and booleans come as JSON spells them.
[[nodiscard]] inline std::string text_at(const Json& object, std::string_view path)
{
    const Json* at = &object;
    while (!path.empty()) {
        const auto dot = path.find('.');
        const std::string member{path.substr(0, dot)};
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        if (!at->is_object()) return {};
        const auto found = at->find(member);
        if (found == at->end()) return {};
        at = &*found;
    }
    if (at->is_string()) return at->get<std::string>();
    return at->is_primitive() && !at->is_null() ? at->dump() : std::string{};
}

} // namespace seaworthy::replay

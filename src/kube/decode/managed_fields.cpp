// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/managed_fields.hpp"

#include <array>

namespace seaworthy::kube {

namespace {

using simdjson::ondemand::value;

constexpr std::array<std::string_view, 4> k_restart_path = {"f:template", "f:metadata", "f:annotations", "f:kubectl.kubernetes.io/restartedAt"};

/// True if the set has a member that is not on the way to the restart mark. "." stands for the field itself, which comes with its first part.
bool owns_more(JsonReader& json, value fields, std::size_t depth)
{
    bool more = false;
    json.object(fields, [&](std::string_view name, value member) {
        if (name == ".") return;
        const bool on_the_way = name == k_restart_path[depth];
        if (!on_the_way || (depth + 1 < k_restart_path.size() && owns_more(json, member, depth + 1))) more = true;
    });
    return more;
}

} // namespace

bool owns_spec(JsonReader& json, value fields)
{
    bool owns = false;
    json.object(fields, [&](std::string_view name, value member) { owns = owns || (name == "f:spec" && owns_more(json, member, 0)); });
    return owns;
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
// How far one rule reaches by its resourceNames, which depends on whether requests of a verb name an object at all.
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/model/role_powers.hpp"

namespace seaworthy::model {

[[nodiscard]] bool contains(std::span<const Text> list, std::string_view item);
/// How far the rule's resourceNames let requests of this verb through. The empty name is that of requests that name nothing.
[[nodiscard]] Reach reach_by_names(const PolicyRule& rule, std::string_view verb, bool on_subresource);
/// True if a rule that allows `create` by name works: a POST names no object; a server-side apply or a PUT that creates one does, and needs
/// patch or update as well.
[[nodiscard]] bool creates_by_name(const Role& role, const PolicyRule& rule, std::string_view group, std::string_view resource);

} // namespace seaworthy::model

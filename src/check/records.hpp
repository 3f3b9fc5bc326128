// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seaworthy/check/settings.hpp"

namespace seaworthy::check {

/// The defaults of a `records` parameter: `[]`, `[{key: text, key: [a, b]}, …]`, or one map without the brackets. Texts without commas,
/// brackets and braces. Nothing for anything else.
[[nodiscard]] std::optional<std::vector<Record>> parse_records(std::string_view text);

} // namespace seaworthy::check

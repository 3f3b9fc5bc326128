// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seaworthy {

/// Text from outside made safe for one line of a terminal, a log or a report: broken UTF-8, control characters (C0, C1, DEL), line and
/// paragraph separators and bidirectional overrides become U+FFFD, tabs and line breaks a space; cut at a character with "…" after `max_bytes`.
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes = 512);

} // namespace seaworthy

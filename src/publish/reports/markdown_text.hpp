// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seaworthy::publish {

inline constexpr std::size_t k_most_markdown_bytes = 60'000; ///< a comment on GitHub may have 65,536 characters

/// Data on one line of a table, as it is: no markup, HTML, link, mention or reference of an issue comes of it.
[[nodiscard]] std::string markdown_text(std::string_view text);

} // namespace seaworthy::publish

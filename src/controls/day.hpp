// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::controls {

/// The last moment that a configured end names: a day (`2027-01-31`) counts to its end, in UTC, a moment is itself. None for anything else.
[[nodiscard]] inline Timestamp end_of(std::string_view text)
{
    constexpr std::string_view::size_type day_length = 10;
    return parse_rfc3339(text.size() == day_length ? std::string{text} + "T23:59:59Z" : std::string{text});
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy {

/// `text` percent-encoded as one query value or path segment: everything but RFC 3986's unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace seaworthy

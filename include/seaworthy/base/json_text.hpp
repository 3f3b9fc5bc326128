// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy {

/// `text` as a JSON string, quotes included. Broken UTF-8 passes as it is.
[[nodiscard]] std::string json_quote(std::string_view text);

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::app {

[[nodiscard]] std::string_view version();  ///< "0.1.0"
[[nodiscard]] std::string_view revision(); ///< of git when this was configured; empty: unknown
[[nodiscard]] std::string user_agent();    ///< "seaworthy/0.1.0", of every request but the elector's
[[nodiscard]] std::string_view compiler(); ///< "GCC 12.2.0"

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace seaworthy::app {

[[nodiscard]] std::string_view version();  ///< "0.1.0"
[[nodiscard]] std::string_view revision(); ///< of git when this was configured; empty: unknown
[[nodiscard]] std::string_view compiler(); ///< "GCC 12.2.0"

} // namespace seaworthy::app

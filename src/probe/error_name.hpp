// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/net/client.hpp"

namespace seaworthy::probe {

/// The names that a probe's `error` may have (interfaces.md §3).
[[nodiscard]] std::string_view error_name(net::Cause cause);

} // namespace seaworthy::probe

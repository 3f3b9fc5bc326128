// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// A ConfigMap that was read by name (grant CM); nullptr where it was not read or is not there.
[[nodiscard]] const model::Document* find_config_map(const check::Context& context, std::string_view ns, std::string_view name);

} // namespace seaworthy::controls

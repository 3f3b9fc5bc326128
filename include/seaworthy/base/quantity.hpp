// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace seaworthy {

/// A Kubernetes resource.Quantity (`500m`, `1Gi`, `2e3`) as a number; nothing for what the API would refuse.
[[nodiscard]] std::optional<double> parse_quantity(std::string_view text);

} // namespace seaworthy

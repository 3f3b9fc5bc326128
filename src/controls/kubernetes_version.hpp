// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace seaworthy::controls {

/// 36 of `v1.36.3-eks-1`, the `v` being optional; nothing for what is no Kubernetes 1.
[[nodiscard]] std::optional<int> minor_version(std::string_view version);

} // namespace seaworthy::controls

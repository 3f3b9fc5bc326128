// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// runtime-detection: whether something on the nodes watches what containers do.
[[nodiscard]] check::Verdict judge_runtime_detection(const check::Context& context);

inline constexpr check::Fields k_runtime_fields[] = {{"tracingpolicies.cilium.io", "spec.kprobes.call"}};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether anything collects and keeps metrics of this cluster.
[[nodiscard]] check::Verdict judge_metrics_stack(const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// metrics-target-down: what the configured Prometheus says of the targets of each namespace.
void judge_targets(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

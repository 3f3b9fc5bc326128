// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether somebody answers the webhooks of the policy engines.
[[nodiscard]] check::Verdict judge_engine_health(const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// Whether anything in the cluster enforces NetworkPolicies: the API server accepts them either way.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_policy_enforcement(const check::Context& context);

} // namespace seaworthy::controls

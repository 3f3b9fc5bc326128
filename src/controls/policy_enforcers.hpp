// SPDX-License-Identifier: Apache-2.0
// Whether anything in the cluster enforces NetworkPolicies: the API server accepts them either way.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_policy_enforcement(const check::Context& context);

/// What a network policy that closes something presumes: that the CNI enforces it. A `warn` where it certainly does not, an `unknown` where a
/// list that could show that is hidden.
[[nodiscard]] check::Verdict presume_enforcement(const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/policy_engines.hpp"

// Which dangers the policies that act on a namespace are about, told by the names that libraries give them.
namespace seaworthy::controls {

/// policy-baseline-coverage
[[nodiscard]] check::Verdict judge_policy_topics(const model::Namespace& ns, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// What the API shows of pull-through caching: traces, never proof.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_cluster_signal(const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// Services that a load balancer makes reachable from outside the cluster.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_load_balancer(const model::Service& service, const check::Context& context);

} // namespace seaworthy::controls

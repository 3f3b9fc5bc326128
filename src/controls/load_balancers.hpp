// SPDX-License-Identifier: Apache-2.0
// Services that a load balancer makes reachable from outside the cluster.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// By the annotation of a cloud, or a load balancer class of its own network.
[[nodiscard]] bool is_internal_load_balancer(const model::Service& service);
[[nodiscard]] check::Verdict judge_load_balancer(const model::Service& service, const check::Context& context);

} // namespace seaworthy::controls

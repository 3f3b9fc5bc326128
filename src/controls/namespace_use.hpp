// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// What namespaces are used for, and whether at all.
namespace seaworthy::controls {

/// ns-single-namespace-cluster
[[nodiscard]] check::Verdict judge_single_namespace(const check::Context& context);
/// ns-stuck-or-stale
[[nodiscard]] check::Verdict judge_stuck_or_stale(const model::Namespace& ns, const check::Context& context);
/// ns-cross-env-service
void judge_cross_environment_services(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

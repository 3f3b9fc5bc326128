// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Canary releases: with what, and how carefully.
namespace seaworthy::controls {

/// canary-capability
[[nodiscard]] check::Verdict judge_canary_tools(const check::Context& context);
/// canary-spec-valid
[[nodiscard]] check::Verdict judge_canary_spec(const model::Document& canary, const check::Context& context);

inline constexpr check::Fields k_canary_spec_fields[] = {
    {"rollouts.argoproj.io", "spec.replicas, spec.strategy"},
    {"canaries.flagger.app", "spec.analysis, spec.canaryAnalysis, spec.skipAnalysis"},
};
inline constexpr check::Fields k_canary_tool_fields[] = {{"gatewayclasses.gateway.networking.k8s.io", "status.conditions"}};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/exposure.hpp"
#include "controls/field_lists.hpp"
#include "controls/route_weights.hpp"

// Whether what users reach is released to a few of them first.
namespace seaworthy::controls {

/// canary-workload-coverage
[[nodiscard]] check::Verdict judge_canary_coverage(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_canary_owner_fields[] = {
    {"rollouts.argoproj.io", "spec.replicas, spec.workloadRef, spec.strategy"},
    {"canaries.flagger.app", "spec.targetRef, spec.service.name"},
    {"rollouts.rollouts.kruise.io", "spec.workloadRef, spec.objectRef.workloadRef"},
    {"ingresses.networking.k8s.io", "spec.rules.host"},
};
inline constexpr auto k_coverage_fields = joined(k_canary_owner_fields, k_weight_fields, k_exposure_fields);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/exposure.hpp"

// Whether a workload stays up while it is changed or its nodes are drained.
namespace seaworthy::controls {

/// rollout-min-replicas
[[nodiscard]] check::Verdict judge_min_replicas(const model::Workload& workload, const check::Context& context);
/// rollout-pdb
[[nodiscard]] check::Verdict judge_disruption_budget(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_autoscaler_fields[] = {
    {"horizontalpodautoscalers.autoscaling", "spec.scaleTargetRef, spec.minReplicas"},
    {"scaledobjects.keda.sh", "spec.scaleTargetRef, spec.minReplicaCount"},
    {"poddisruptionbudgets.policy", "spec.selector, spec.minAvailable, spec.maxUnavailable, spec.unhealthyPodEvictionPolicy"},
};
inline constexpr check::Fields k_replica_fields[] = {
    k_autoscaler_fields[0], k_autoscaler_fields[1], {"canaries.flagger.app", "spec.targetRef"},
    k_exposure_fields[0],   k_exposure_fields[1],   k_exposure_fields[2],
    k_exposure_fields[3],   k_exposure_fields[4],   k_exposure_fields[5],
    k_exposure_fields[6],
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/exposure.hpp"
#include "controls/field_lists.hpp"

// Whether a workload stays up while it is changed or its nodes are drained.
namespace seaworthy::controls {

/// rollout-min-replicas
[[nodiscard]] check::Verdict judge_min_replicas(const model::Workload& workload, const check::Context& context);
/// rollout-pdb
[[nodiscard]] check::Verdict judge_disruption_budget(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_autoscaler_fields[] = {
    {"horizontalpodautoscalers.autoscaling", "spec.scaleTargetRef, spec.minReplicas"},
    {"scaledobjects.keda.sh", "spec.scaleTargetRef, spec.minReplicaCount"},
};
inline constexpr check::Fields k_flagger_target_fields[] = {{"canaries.flagger.app", "spec.targetRef"}};
inline constexpr check::Fields k_budget_fields[] = {
    {"poddisruptionbudgets.policy", "spec.selector, spec.minAvailable, spec.maxUnavailable, spec.unhealthyPodEvictionPolicy"},
};
inline constexpr auto k_budget_rule_fields = joined(k_autoscaler_fields, k_budget_fields);
inline constexpr auto k_replica_fields = joined(k_autoscaler_fields, k_flagger_target_fields, k_exposure_fields);

} // namespace seaworthy::controls

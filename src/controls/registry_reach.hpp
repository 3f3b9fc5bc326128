// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Where registries are, seen from the nodes: in the cluster itself, in another region, and how long pulls take.
namespace seaworthy::controls {

/// registry-incluster-not-ha
void judge_incluster_registries(const check::Context& context, check::Results& results);
/// registry-cross-region
[[nodiscard]] check::Verdict judge_regions(const model::Workload& workload, const check::Context& context);
/// registry-pull-latency
void judge_pull_latency(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_incluster_fields[] = {
    {"ingresses.networking.k8s.io", "spec.rules.host, spec.rules.http.paths.backend.service.name"},
    {"poddisruptionbudgets.policy", "spec.selector"},
    {"configs.imageregistry.operator.openshift.io", "spec.managementState, spec.replicas, spec.storage"},
};

} // namespace seaworthy::controls

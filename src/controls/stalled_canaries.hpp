// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/field_lists.hpp"
#include "controls/route_weights.hpp"

// Canaries that nobody finished: releases that failed or wait, and weights that somebody set by hand and left.
namespace seaworthy::controls {

/// canary-stalled
void judge_stalled_canaries(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_release_state_fields[] = {
    {"rollouts.argoproj.io", "status.phase, status.abort, status.pauseConditions, status.conditions, spec.strategy.canary.trafficRouting, "
                             "spec.strategy.canary.canaryService"},
    {"canaries.flagger.app", "status.phase, status.lastTransitionTime"},
    {"rollouts.rollouts.kruise.io", "spec.strategy.canary.trafficRoutings, spec.strategy.blueGreen.trafficRoutings"},
    {"ingresses.networking.k8s.io", "metadata.managedFields"},
    {"httproutes.gateway.networking.k8s.io", "metadata.managedFields"},
    {"grpcroutes.gateway.networking.k8s.io", "metadata.managedFields"},
    {"virtualservices.networking.istio.io", "metadata.managedFields"},
    {"httpproxies.projectcontour.io", "metadata.managedFields"},
    {"routes.route.openshift.io", "metadata.managedFields"},
    {"services.serving.knative.dev", "metadata.managedFields"},
    {"trafficsplits.split.smi-spec.io", "metadata.managedFields"},
    {"traefikservices.traefik.io", "metadata.managedFields"},
};
inline constexpr auto k_stalled_fields = joined(k_release_state_fields, k_weight_fields);

} // namespace seaworthy::controls

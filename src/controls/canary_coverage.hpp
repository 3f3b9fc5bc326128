// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// canary-workload-coverage: whether a new version of what the outside reaches is tried on a part of the requests first.
[[nodiscard]] check::Verdict judge_canary_coverage(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_canary_coverage_fields[] = {
    {"rollouts.argoproj.io", "spec.replicas, spec.strategy, spec.workloadRef"},
    {"canaries.flagger.app", "spec.targetRef"},
    {"rollouts.rollouts.kruise.io", "spec.workloadRef, spec.objectRef.workloadRef"},
    {"ingresses.networking.k8s.io", "spec.rules.http.paths.backend.service.name, spec.defaultBackend.service.name"},
    {"httproutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name, spec.rules.backendRefs.weight"},
    {"grpcroutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name, spec.rules.backendRefs.weight"},
    {"virtualservices.networking.istio.io", "spec.gateways, spec.http.route.destination.host, spec.http.route.destination.subset, "
                                            "spec.http.route.weight, spec.tcp.route.destination.host"},
    {"ingressroutes.traefik.io", "spec.routes.services.name, spec.routes.services.weight"},
    {"traefikservices.traefik.io", "spec.weighted.services.name, spec.weighted.services.weight"},
    {"httpproxies.projectcontour.io", "spec.routes.services.name, spec.routes.services.weight, spec.tcpproxy.services.name"},
    {"trafficsplits.split.smi-spec.io", "spec.backends.service, spec.backends.weight"},
    {"routes.route.openshift.io", "spec.to.name, spec.to.weight, spec.alternateBackends.name, spec.alternateBackends.weight"},
    {"services.serving.knative.dev", "spec.traffic"},
};

} // namespace seaworthy::controls

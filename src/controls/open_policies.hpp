// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether a NetworkPolicy allows everybody or everything: policies are additive, so it undoes every other one.
[[nodiscard]] check::Verdict judge_open_policy(const model::NetworkPolicy& policy, const check::Context& context);

/// The same of a policy of Cilium or Calico.
[[nodiscard]] check::Verdict judge_open_document(const model::Document& policy, const check::Context& context);

inline constexpr check::Fields k_route_fields[] = {
    {"ingresses.networking.k8s.io", "spec.rules.http.paths.backend.service.name, spec.defaultBackend.service.name"},
    {"httproutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name"},
    {"grpcroutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name"},
    {"routes.route.openshift.io", "spec.to.name"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// How the platform's components know people: Argo CD, Headlamp, Harbor. Each judges every installation that it finds.
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

void judge_argocd_sso(const check::Context& context, check::Results& results);
void judge_argocd_hardening(const check::Context& context, check::Results& results);
void judge_headlamp_sso(const check::Context& context, check::Results& results);
void judge_harbor_sso(const check::Context& context, check::Results& results);
void judge_harbor_hardening(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_component_fields[] = {
    {"ingresses.networking.k8s.io", "spec.rules.host, spec.rules.http.paths.backend.service.name"},
};
inline constexpr check::Fields k_argocd_fields[] = {
    k_component_fields[0],
    {"argocds.argoproj.io", "spec.oidcConfig, spec.sso"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// Whether what Git says is what runs: Argo CD's Applications, Flux's Kustomizations and HelmReleases.
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_sync(const model::Document& unit, const check::Context& context);
[[nodiscard]] check::Verdict judge_automation(const model::Document& unit, const check::Context& context);
[[nodiscard]] check::Verdict judge_decryption(const model::Document& kustomization, const check::Context& context);

inline constexpr std::string_view k_gitops_units =
    "applications.argoproj.io, kustomizations.kustomize.toolkit.fluxcd.io, helmreleases.helm.toolkit.fluxcd.io";
inline constexpr check::Fields k_gitops_fields[] = {
    {"applications.argoproj.io", "spec.destination, spec.syncPolicy.automated, status.sync.status, status.health.status, "
                                 "status.health.lastTransitionTime, status.operationState.phase, "
                                 "status.operationState.finishedAt, status.operationState.message"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "spec.suspend, spec.prune, spec.targetNamespace, spec.decryption.provider, status.conditions"},
    {"helmreleases.helm.toolkit.fluxcd.io", "spec.suspend, spec.targetNamespace, spec.driftDetection.mode, status.conditions"},
};

} // namespace seaworthy::controls

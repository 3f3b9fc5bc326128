// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// gitops-scope: whether what delivers for a team could deliver anything, anywhere.
[[nodiscard]] check::Verdict judge_delivery_scope(const model::Document& unit, const check::Context& context);

inline constexpr std::string_view k_scope_units = "applications.argoproj.io,appprojects.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,"
                                                  "helmreleases.helm.toolkit.fluxcd.io";
inline constexpr check::Fields k_scope_fields[] = {
    {"applications.argoproj.io", "spec.project"},
    {"appprojects.argoproj.io", "spec.destinations, spec.sourceRepos, spec.clusterResourceWhitelist"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "spec.serviceAccountName, spec.sourceRef, spec.kubeConfig"},
    {"helmreleases.helm.toolkit.fluxcd.io", "spec.serviceAccountName, spec.chart.spec.sourceRef, spec.chartRef, spec.kubeConfig"},
};

} // namespace seaworthy::controls

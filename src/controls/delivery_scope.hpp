// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// With whose rights the reconcilers deliver, and for whom.
namespace seaworthy::controls {

/// gitops-scope
[[nodiscard]] check::Verdict judge_delivery_scope(const model::Document& unit, const check::Context& context);

inline constexpr std::string_view k_delivery_scope_units =
    "applications.argoproj.io, appprojects.argoproj.io, kustomizations.kustomize.toolkit.fluxcd.io, helmreleases.helm.toolkit.fluxcd.io";
inline constexpr check::Fields k_delivery_scope_fields[] = {
    {"applications.argoproj.io", "spec.project"},
    {"appprojects.argoproj.io", "spec.destinations, spec.sourceRepos, spec.clusterResourceWhitelist"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "spec.serviceAccountName, spec.kubeConfig, spec.sourceRef.namespace"},
    {"helmreleases.helm.toolkit.fluxcd.io", "spec.serviceAccountName, spec.kubeConfig, spec.chart.spec.sourceRef.namespace, spec.chartRef.namespace"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// cd-controller-healthy: whether the reconcilers run, and can read what they deliver.
[[nodiscard]] check::Verdict judge_delivery_health(const check::Context& context);

inline constexpr check::Fields k_delivery_health_fields[] = {
    {"applications.argoproj.io", "status.conditions.type"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "spec.sourceRef"},
    {"helmreleases.helm.toolkit.fluxcd.io", "spec.chart.spec.sourceRef, spec.chartRef"},
    {"gitrepositories.source.toolkit.fluxcd.io", "spec.suspend, status.conditions"},
    {"ocirepositories.source.toolkit.fluxcd.io", "spec.suspend, status.conditions"},
    {"helmrepositories.source.toolkit.fluxcd.io", "spec.suspend, status.conditions"},
    {"buckets.source.toolkit.fluxcd.io", "spec.suspend, status.conditions"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// log-siem-output: whether logs reach a SIEM, a store, or nothing at all.
[[nodiscard]] check::Verdict judge_siem_output(const check::Context& context);

inline constexpr check::Fields k_siem_fields[] = {
    {"clusteroutputs.fluentbit.fluent.io", "spec"},
    {"outputs.fluentbit.fluent.io", "spec"},
    {"outputs.logging.banzaicloud.io", "spec"},
    {"clusteroutputs.logging.banzaicloud.io", "spec"},
    {"clusterlogforwarders.observability.openshift.io", "spec.outputs, spec.pipelines"},
    {"clusterlogforwarders.logging.openshift.io", "spec.outputs, spec.pipelines"},
    {"opentelemetrycollectors.opentelemetry.io", "spec.config"},
};

} // namespace seaworthy::controls

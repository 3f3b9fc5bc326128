// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// audit-siem-forwarding: whether audit events leave the nodes on which API servers write them.
[[nodiscard]] check::Verdict judge_audit_forwarding(const check::Context& context);

inline constexpr check::Fields k_forwarder_fields[] = {
    {"clusterlogforwarders.observability.openshift.io", "spec.inputs, spec.pipelines"},
    {"clusterlogforwarders.logging.openshift.io", "spec.inputs, spec.pipelines"},
};

} // namespace seaworthy::controls

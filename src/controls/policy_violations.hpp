// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// What the engines found among the objects that are there already.
namespace seaworthy::controls {

/// policy-violations-open
void judge_open_violations(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_violation_fields[] = {
    {"*.constraints.gatekeeper.sh",
     "status.totalViolations, status.violations.namespace, status.violations.kind, status.violations.name, status.violations.enforcementAction"},
    {"policyreports.wgpolicyk8s.io", "source, results.policy, results.result, results.source"},
    {"reports.openreports.io", "source, results.policy, results.result, results.source"},
};

} // namespace seaworthy::controls

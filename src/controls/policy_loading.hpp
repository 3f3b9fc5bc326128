// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether the policies that are written are in force: engines report what they could not load in the policy's status.
void judge_policy_loading(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_policy_loading_fields[] = {
    {"constrainttemplates.templates.gatekeeper.sh", "status.created, status.byPod.errors"},
    {"*.constraints.gatekeeper.sh", "status.byPod.errors, status.byPod.enforced"},
    {"clusterpolicies.kyverno.io", "status.conditions"},
    {"policies.kyverno.io", "status.conditions"},
    {"validatingpolicies.policies.kyverno.io", "status.conditionStatus"},
    {"namespacedvalidatingpolicies.policies.kyverno.io", "status.conditionStatus"},
    {"imagevalidatingpolicies.policies.kyverno.io", "status.conditionStatus"},
    {"mutatingpolicies.policies.kyverno.io", "status.conditionStatus"},
    {"clusteradmissionpolicies.policies.kubewarden.io", "status.conditions"},
    {"admissionpolicies.policies.kubewarden.io", "status.conditions"},
    {"clusteradmissionpolicygroups.policies.kubewarden.io", "status.conditions"},
    {"admissionpolicygroups.policies.kubewarden.io", "status.conditions"},
};

} // namespace seaworthy::controls

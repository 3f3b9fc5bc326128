// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/policy_engines.hpp"

// What escapes policies: writes that webhooks do not see, namespaces and objects that are left out, audits that do not run.
namespace seaworthy::controls {

/// policy-webhook-scope-gap
[[nodiscard]] check::Verdict judge_webhook_scope(const check::Context& context);
/// policy-namespace-exempt
void judge_exempt_namespaces(const check::Context& context, check::Results& results);
/// policy-audit-stale
[[nodiscard]] check::Verdict judge_policy_audit(const check::Context& context);
/// policy-exception-broad
void judge_policy_exceptions(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_webhook_scope_fields[] = {
    {k_validating_webhooks, "webhooks.name, webhooks.rules, webhooks.objectSelector, webhooks.matchConditions.name"},
    {"clusterpolicies.kyverno.io", "spec.rules.match"},
    {"policies.kyverno.io", "spec.rules.match"},
    {"validatingpolicies.policies.kyverno.io", "spec.matchConstraints.resourceRules.resources"},
    {"namespacedvalidatingpolicies.policies.kyverno.io", "spec.matchConstraints.resourceRules.resources"},
    {"imagevalidatingpolicies.policies.kyverno.io", "spec.matchConstraints.resourceRules.resources"},
    {"mutatingpolicies.policies.kyverno.io", "spec.matchConstraints.resourceRules.resources"},
};
inline constexpr check::Fields k_exempt_fields[] = {
    {k_validating_webhooks, "webhooks.name, webhooks.rules, webhooks.namespaceSelector"},
    {"configs.config.gatekeeper.sh", "spec.match"},
};
inline constexpr check::Fields k_audit_fields[] = {
    {"*.constraints.gatekeeper.sh", "status.auditTimestamp, spec.enforcementAction, spec.scopedEnforcementActions"},
};
inline constexpr check::Fields k_exception_fields[] = {
    {"policyexceptions.kyverno.io", "spec.exceptions, spec.match"},
    {"policyexceptions.policies.kyverno.io", "spec.policyRefs, spec.matchConditions.name"},
    {"*.constraints.gatekeeper.sh", "spec.match.excludedNamespaces"},
    {k_admission_policy_bindings, "spec.matchResources.namespaceSelector"},
};

} // namespace seaworthy::controls

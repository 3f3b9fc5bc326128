// SPDX-License-Identifier: Apache-2.0
// What acts on the pods of one namespace at admission.
#pragma once

#include <functional>
#include <string>

#include "controls/field_lists.hpp"
#include "controls/policy_engines.hpp"

namespace seaworthy::controls {

struct PolicyCover {
    Enforcement strongest = Enforcement::none;
    std::string by; ///< the policy that is: "ClusterPolicy disallow-privileged"
};

/// The strongest policy of an engine, or ValidatingAdmissionPolicy with a binding, whose scope includes the namespace.
[[nodiscard]] PolicyCover policy_cover(const model::Namespace& ns, const check::Context& context);
/// Calls `visit(policy, enforcement)` for each policy whose scope includes the namespace and that judges objects; for a
/// ValidatingAdmissionPolicy once a binding, with the binding's enforcement.
void for_each_policy_in(const model::Namespace& ns, const check::Context& context,
                        const std::function<void(const model::Document&, Enforcement)>& visit);
/// True if the `match` and `exclude` of a rule of a Kyverno policy let it act in the namespace.
[[nodiscard]] bool rule_includes(const model::Value& rule, const model::Namespace& ns);
/// The gap in a list of policies, or nullptr. An engine that is not installed is no gap.
[[nodiscard]] const model::Gap* policy_gap(const check::Context& context);
/// True if the API server's metrics name a policy that it read from a file (KEP-5793): its scope is not visible.
[[nodiscard]] bool has_policy_from_disk(const check::Context& context);

[[nodiscard]] check::Verdict judge_policy_control(const model::Namespace& ns, const check::Context& context);
[[nodiscard]] check::Verdict judge_pod_security(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_policy_fields[] = {
    {"*.constraints.gatekeeper.sh",
     "spec.enforcementAction, spec.scopedEnforcementActions, spec.match.namespaces, spec.match.excludedNamespaces, spec.match.namespaceSelector, "
     "spec.match.scope"},
    {"clusterpolicies.kyverno.io",
     "spec.validationFailureAction, spec.rules.validate.failureAction, spec.rules.verifyImages.failureAction, spec.rules.name, spec.rules.match, "
     "spec.rules.exclude"},
    {"policies.kyverno.io",
     "spec.validationFailureAction, spec.rules.validate.failureAction, spec.rules.verifyImages.failureAction, spec.rules.name"},
    {"validatingpolicies.policies.kyverno.io", "spec.validationActions, spec.matchConstraints.namespaceSelector"},
    {"namespacedvalidatingpolicies.policies.kyverno.io", "spec.validationActions"},
    {k_admission_policies, "spec.matchConstraints.namespaceSelector"},
    {k_admission_policy_bindings, "spec.policyName, spec.validationActions, spec.matchResources.namespaceSelector"},
};
inline constexpr check::Fields k_kubewarden_policy_fields[] = {
    {"clusteradmissionpolicies.policies.kubewarden.io", "spec.mode, spec.namespaceSelector"},
    {"admissionpolicies.policies.kubewarden.io", "spec.mode"},
    {"clusteradmissionpolicygroups.policies.kubewarden.io", "spec.mode, spec.namespaceSelector"},
    {"admissionpolicygroups.policies.kubewarden.io", "spec.mode"},
};
inline constexpr auto k_policy_cover_fields = joined(k_policy_fields, k_kubewarden_policy_fields);

} // namespace seaworthy::controls

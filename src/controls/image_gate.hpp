// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/policy_engines.hpp"

namespace seaworthy::controls {

/// image-admission-gate: whether admission asks for signatures or attestations of images.
[[nodiscard]] check::Verdict judge_image_gate(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_image_gate_fields[] = {
    {"clusterpolicies.kyverno.io",
     "spec.validationFailureAction, spec.rules.verifyImages.failureAction, spec.rules.verifyImages.imageReferences, "
     "spec.rules.verifyImages.skipImageReferences, spec.rules.verifyImages.image, spec.rules.name, spec.rules.match, spec.rules.exclude"},
    {"policies.kyverno.io",
     "spec.validationFailureAction, spec.rules.verifyImages.failureAction, spec.rules.verifyImages.imageReferences, "
     "spec.rules.verifyImages.skipImageReferences, spec.rules.verifyImages.image, spec.rules.name, spec.rules.match, spec.rules.exclude"},
    {"imagevalidatingpolicies.policies.kyverno.io",
     "spec.validationActions, spec.matchConstraints.namespaceSelector, spec.matchImageReferences.glob, spec.matchImageReferences.expression"},
    {k_validating_webhooks, "webhooks.name, webhooks.failurePolicy, webhooks.namespaceSelector"},
    {"clusterimagepolicies.policy.sigstore.dev", "spec.mode, spec.images.glob"},
    {"clusterimagepolicies.config.openshift.io", "spec.scopes"},
    {"imagepolicies.config.openshift.io", "spec.scopes"},
};

} // namespace seaworthy::controls

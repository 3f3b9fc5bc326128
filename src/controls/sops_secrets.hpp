// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Secrets that SOPS encrypts into custom resources: of peak-scale's sops-operator and of isindir's sops-secrets-operator.
namespace seaworthy::controls {

/// sops-plaintext
[[nodiscard]] check::Verdict judge_sops_plaintext(const model::Document& secret, const check::Context& context);
/// sops-sync
[[nodiscard]] check::Verdict judge_sops_sync(const model::Document& object, const check::Context& context);

// The decoder keeps of each value only whether it is encrypted.
inline constexpr std::string_view k_sops_paths = "spec.secrets, spec.metadata, sops.mac, status";
inline constexpr check::Fields k_sops_fields[] = {
    {"sopssecrets.addons.projectcapsule.dev", k_sops_paths},
    {"globalsopssecrets.addons.projectcapsule.dev", k_sops_paths},
    {"sopssecrets.isindir.github.com", "spec.secretTemplates, sops.mac, status"},
    {"sopsproviders.addons.projectcapsule.dev", "spec, status"},
};

} // namespace seaworthy::controls

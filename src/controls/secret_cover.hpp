// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Which of the Secrets that workloads use come from a store.
namespace seaworthy::controls {

/// extsecrets-coverage
[[nodiscard]] check::Verdict judge_secret_cover(const model::Namespace& ns, const check::Context& context);
/// vault-health
[[nodiscard]] check::Verdict judge_vault_health(const check::Context& context);

inline constexpr check::Fields k_cover_fields[] = {
    {"externalsecrets.external-secrets.io", "spec.target.name, spec.target.creationPolicy"},
    {"clusterexternalsecrets.external-secrets.io", "spec.externalSecretName, spec.externalSecretSpec.target.name, status.provisionedNamespaces"},
    {"vaultstaticsecrets.secrets.hashicorp.com", "spec.destination.name"},
    {"vaultdynamicsecrets.secrets.hashicorp.com", "spec.destination.name"},
    {"vaultpkisecrets.secrets.hashicorp.com", "spec.destination.name"},
    {"hcpvaultsecretsapps.secrets.hashicorp.com", "spec.destination.name"},
    {"sopssecrets.addons.projectcapsule.dev", "spec.metadata.prefix, spec.metadata.suffix, spec.secrets.name"},
    {"globalsopssecrets.addons.projectcapsule.dev", "spec.metadata.prefix, spec.metadata.suffix, spec.secrets.name, spec.secrets.namespace"},
    {"sopssecrets.isindir.github.com", "spec.secretTemplates.name"},
    {"secretproviderclasses.secrets-store.csi.x-k8s.io", "spec.secretObjects.secretName"},
    {"certificates.cert-manager.io", "spec.secretName"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "spec.decryption.provider, status.inventory.entries.id"},
};

} // namespace seaworthy::controls

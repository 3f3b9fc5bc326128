// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// By rows of Secret lists (optional grant SE): which ones nobody names, and which ones a person or a chart wrote.
namespace seaworthy::controls {

/// secret-unused
void judge_unused_secrets(const check::Context& context, check::Results& results);
/// extsecrets-manual-secret
[[nodiscard]] check::Verdict judge_manual_secret(const model::SecretRow& row, const check::Context& context);

/// Custom resources that name Secrets in many places: their specs are read whole, where the check is enabled.
inline constexpr check::Fields k_secret_use_fields[] = {
    {"ingresses.networking.k8s.io", "spec.tls.secretName"},
    {"gateways.gateway.networking.k8s.io", "spec.listeners.tls.certificateRefs"},
    {"issuers.cert-manager.io", "spec"},
    {"clusterissuers.cert-manager.io", "spec"},
    {"secretstores.external-secrets.io", "spec"},
    {"clustersecretstores.external-secrets.io", "spec"},
    {"helmreleases.helm.toolkit.fluxcd.io", "spec.valuesFrom, spec.kubeConfig.secretRef"},
    {"servicemonitors.monitoring.coreos.com", "spec.endpoints"},
    {"podmonitors.monitoring.coreos.com", "spec.podMetricsEndpoints"},
    {"prometheuses.monitoring.coreos.com", "spec"},
    {"prometheusagents.monitoring.coreos.com", "spec"},
    {"alertmanagers.monitoring.coreos.com", "spec"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "controls/exposure.hpp"
#include "controls/policy_rules.hpp"
#include "seaworthy/check/check.hpp"

// Who reaches whom through the rules of NetworkPolicies, and which of them reach nobody.
namespace seaworthy::controls {

/// netpol-cross-namespace-open
[[nodiscard]] check::Verdict judge_cross_namespace(const model::NetworkPolicy& policy, const check::Context& context);
/// netpol-datastore-exposed
[[nodiscard]] check::Verdict judge_datastore(const model::Workload& workload, const check::Context& context);
/// netpol-egress-dns
[[nodiscard]] check::Verdict judge_dns(const model::Workload& workload, const check::Context& context);
/// netpol-egress-metadata
[[nodiscard]] check::Verdict judge_metadata_service(const model::Workload& workload, const check::Context& context);
/// netpol-selector-dangling
void judge_dangling_selectors(const check::Context& context, check::Results& results);
/// netpol-peer-dangling
void judge_dangling_peers(const check::Context& context, check::Results& results);
/// netpol-cluster-baseline
[[nodiscard]] check::Verdict judge_cluster_baseline(const check::Context& context);

inline constexpr check::Fields k_template_fields[] = {
    {"rollouts.argoproj.io", "spec.template.metadata.labels"},
    {"services.serving.knative.dev", "spec.template.metadata.labels"},
};
inline constexpr check::Fields k_baseline_fields[] = {
    {"clusternetworkpolicies.policy.networking.k8s.io", "status.conditions"},
    {"adminnetworkpolicies.policy.networking.k8s.io", "status.conditions"},
    {"baselineadminnetworkpolicies.policy.networking.k8s.io", "status.conditions"},
    {"clusterpolicies.kyverno.io", "spec.rules.generate.kind"},
    {"tenants.capsule.clastix.io", "spec.networkPolicies"},
    {"tenantresources.capsule.clastix.io", "spec.resources.rawItems.kind"},
    {"globaltenantresources.capsule.clastix.io", "spec.resources.rawItems.kind"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/software.hpp"
#include "seaworthy/check/check.hpp"

// Whether there is a mesh, whether its control plane stands, and what gets past it.
namespace seaworthy::controls {

inline constexpr Software k_mesh_control_planes[] = {
    {"Istio", "pilot, mirrored-istio-pilot, istio-pilot-rhel8, istio-pilot-rhel9"},
    {"Linkerd", "linkerd/controller, linkerd/policy-controller"},
    {"Consul", "hashicorp/consul-k8s-control-plane"},
    {"Kuma", "kumahq/kuma-cp, kong/kuma-cp"},
};

/// mesh-present
[[nodiscard]] check::Verdict judge_mesh_present(const check::Context& context);
/// mesh-control-plane-healthy
[[nodiscard]] check::Verdict judge_control_plane(const check::Context& context);
/// mesh-authz-default-deny
[[nodiscard]] check::Verdict judge_mesh_authorization(const model::Namespace& ns, const check::Context& context);
/// mesh-bypass
[[nodiscard]] check::Verdict judge_mesh_bypass(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_encryption_fields[] = {
    {"felixconfigurations.projectcalico.org", "spec.wireguardEnabled"},
    {"felixconfigurations.crd.projectcalico.org", "spec.wireguardEnabled"},
    {"networks.operator.openshift.io", "spec.defaultNetwork.ovnKubernetesConfig.ipsecConfig"},
};
inline constexpr check::Fields k_mesh_authorization_fields[] = {
    {"authorizationpolicies.security.istio.io", "spec.action, spec.rules, spec.selector, spec.targetRefs"},
    {"serviceintentions.consul.hashicorp.com", "spec.destination.name, spec.sources.name, spec.sources.action"},
    {"meshtrafficpermissions.kuma.io", "spec.targetRef.kind, spec.from.default.action"},
};
inline constexpr check::Fields k_bypass_fields[] = {{"destinationrules.networking.istio.io", "spec.host, spec.trafficPolicy.tls.mode"}};

} // namespace seaworthy::controls

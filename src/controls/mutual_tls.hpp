// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether the mesh refuses plaintext in a namespace (Istio, Linkerd, Kuma, Consul).
[[nodiscard]] check::Verdict judge_mutual_tls(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_mutual_tls_fields[] = {
    {"peerauthentications.security.istio.io", "spec.selector, spec.mtls, spec.portLevelMtls"},
    {"meshes.kuma.io", "spec.mtls.enabledBackend, spec.mtls.backends.name, spec.mtls.backends.mode"},
    {"servicedefaults.consul.hashicorp.com", "spec.mutualTLSMode"},
};

} // namespace seaworthy::controls

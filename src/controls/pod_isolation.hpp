// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Whether pods, and namespaces for any pod that they could get, are closed by default.
namespace seaworthy::controls {

/// netpol-pod-ingress
[[nodiscard]] check::Verdict judge_pod_ingress(const model::Workload& workload, const check::Context& context);
/// netpol-pod-egress
[[nodiscard]] check::Verdict judge_pod_egress(const model::Workload& workload, const check::Context& context);
/// netpol-ns-default-deny-ingress
[[nodiscard]] check::Verdict judge_default_deny_ingress(const model::Namespace& ns, const check::Context& context);
/// netpol-ns-default-deny-egress
[[nodiscard]] check::Verdict judge_default_deny_egress(const model::Namespace& ns, const check::Context& context);

} // namespace seaworthy::controls

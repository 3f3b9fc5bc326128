// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "seaworthy/check/check.hpp"
#include "seaworthy/model/network_isolation.hpp"

// What the checks of network policies have in common: the pods that policies act on, the ports that they name, and what verdicts rest on.
namespace seaworthy::controls {

/// A port as a rule may call it: by number, and by the name that the pod gives it.
struct Target {
    std::int32_t number = 0;
    std::string_view name;
};

/// The number of a port that is written as one; 0 for a name.
[[nodiscard]] std::int32_t port_number(std::string_view text);
/// TCP where none is written.
[[nodiscard]] std::string_view protocol_of(Text protocol);

/// The pods of a workload that policies act on, those alike once; the templates where no pod runs.
[[nodiscard]] std::vector<model::PodIdentity> filtered_pods(const model::Workload& workload,
                                                            const std::function<bool(const model::PodSpec&)>& counts);

/// The verdict where what a policy says cannot be resolved. `policy`: its kind and name, as `NetworkIsolation::doubt` gives them.
[[nodiscard]] check::Verdict unresolved_by(std::string_view policy);

/// For verdicts about what policies do with the pods of a namespace: the verdict rests on policies, pods, workloads and namespaces. The other
/// lists that the evaluation consults count where a policy asks for them, which `NetworkIsolation::unread` says.
[[nodiscard]] check::Verdict resting_on_policies(check::Verdict verdict, std::string_view ns, const check::Context& context);

/// For rules that ask about each pod of a workload, whose labels may differ: the verdict rests on policies and pods, and for a Deployment on
/// the ReplicaSets through which its pods are found.
[[nodiscard]] check::Verdict resting_on_each_pod(check::Verdict verdict, const model::Workload& workload, const check::Context& context);

/// The fields of policies that their evaluation reads.
inline constexpr check::Fields k_isolation_fields[] = {
    {"clusternetworkpolicies.policy.networking.k8s.io", "spec"},
    {"adminnetworkpolicies.policy.networking.k8s.io", "spec"},
    {"baselineadminnetworkpolicies.policy.networking.k8s.io", "spec"},
    {"ciliumnetworkpolicies.cilium.io", "spec, specs"},
    {"ciliumclusterwidenetworkpolicies.cilium.io", "spec, specs"},
    {"networkpolicies.projectcalico.org", "spec"},
    {"globalnetworkpolicies.projectcalico.org", "spec"},
    {"tiers.projectcalico.org", "spec.order, spec.defaultAction"},
    {"networkpolicies.crd.projectcalico.org", "spec"},
    {"globalnetworkpolicies.crd.projectcalico.org", "spec"},
    {"tiers.crd.projectcalico.org", "spec.order, spec.defaultAction"},
    {"networkpolicies.crd.antrea.io", "spec"},
    {"clusternetworkpolicies.crd.antrea.io", "spec"},
    {"tiers.crd.antrea.io", "spec.priority"},
    {"egressfirewalls.k8s.ovn.org", "spec.egress"},
};

} // namespace seaworthy::controls

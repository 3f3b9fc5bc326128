// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "seaworthy/check/check.hpp"
#include "seaworthy/model/network_isolation.hpp"

// The rules of NetworkPolicies that act on a pod, and the ports that they name.
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
[[nodiscard]] bool admits_port(const model::NetworkPolicyRule& rule, std::string_view protocol, const Target& target);

/// Calls `visit(rule)` for the rules that act on a pod in a direction.
template <typename Visit>
void for_each_rule(std::string_view ns, const model::StringMap& labels, model::Direction direction, const check::Context& context, Visit visit)
{
    for (const auto* policy : context.index.network_policies_in(ns))
        if (model::affects(*policy, direction) && policy->pod_selector.matches(labels))
            for (const auto& rule : model::rules(*policy, direction))
                visit(rule);
}

/// The pods of a workload that policies act on, each distinct set of labels once; the templates where no pod runs.
[[nodiscard]] std::vector<const model::StringMap*> filtered_pods(const model::Workload& workload,
                                                                 const std::function<bool(const model::PodSpec&)>& counts);

/// The verdict where policies of another API could select the pods.
[[nodiscard]] check::Verdict unresolved_by_other_policies();

/// For rules that ask about each pod of a workload, whose labels may differ: the verdict rests on policies and pods, and for a Deployment on
/// the ReplicaSets through which its pods are found.
[[nodiscard]] check::Verdict resting_on_each_pod(check::Verdict verdict, const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls

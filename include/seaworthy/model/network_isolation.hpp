// SPDX-License-Identifier: Apache-2.0
// Whether network policies isolate a pod in a direction: NetworkPolicy v1 with the API's exact defaults
// (kubernetes.io/docs/concepts/services-networking/network-policies), and what policies of other APIs leave undecided.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "seaworthy/model/index.hpp"

namespace seaworthy::model {

enum class Direction : std::uint8_t { ingress, egress };
[[nodiscard]] std::string_view name(Direction direction); ///< "ingress"

enum class Isolation : std::uint8_t {
    open,          ///< no policy selects it in this direction
    reopened,      ///< isolated, but policies are additive and one that selects it allows everything
    external_only, ///< only traffic that leaves the cluster is filtered (an egress firewall)
    isolated,
    unresolved, ///< a policy of another API could select it and is not evaluated here
};

/// A cheap view over an inventory and its index; both must outlive it.
class NetworkIsolation {
public:
    NetworkIsolation(const Inventory& inventory, const Index& index) : m_inventory(inventory), m_index(index) {}

    /// A pod with these labels. Not for host-network pods: no policy applies to them.
    [[nodiscard]] Isolation of_pod(std::string_view ns, const StringMap& labels, Direction direction) const;
    /// Any pod that could be created in the namespace: only what selects every pod counts.
    [[nodiscard]] Isolation of_any_pod(std::string_view ns, Direction direction) const;
    /// The gap in a list of policies that could select pods of the namespace, or nullptr. A policy API that is not served is no gap.
    [[nodiscard]] const Gap* unread(std::string_view ns) const;

private:
    [[nodiscard]] Isolation with_other_policies(Isolation by_network_policies, std::string_view ns, Direction direction) const;

    const Inventory& m_inventory;
    const Index& m_index;
};

/// True if the rule lets everything through: no peers or blocks that are every address of a family together, and no ports or all of each protocol.
[[nodiscard]] bool admits_everything(const NetworkPolicyRule& rule);
/// True for `0.0.0.0/0` and `::/0`, however they are written: `10.0.0.0/0` is the same block.
[[nodiscard]] bool is_every_address(std::string_view cidr);
/// True if the policy selects every pod of its namespace, present and future.
[[nodiscard]] bool selects_every_pod(const NetworkPolicy& policy);
/// True if the policy isolates the pods that it selects in this direction.
[[nodiscard]] bool affects(const NetworkPolicy& policy, Direction direction);
/// The rules of a direction; those of a direction that the policy does not affect are inert.
[[nodiscard]] std::span<const NetworkPolicyRule> rules(const NetworkPolicy& policy, Direction direction);

} // namespace seaworthy::model

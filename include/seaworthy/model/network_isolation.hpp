// SPDX-License-Identifier: Apache-2.0
// What network policies of all APIs do with a pod: whether they isolate it, and whether they let a connection through. NetworkPolicy v1 with
// the API's exact defaults (kubernetes.io/docs/concepts/services-networking/network-policies), and the policies of the Network Policy API
// (network-policy-api.sigs.k8s.io), Cilium (docs.cilium.io), Calico (docs.tigera.io), Antrea (antrea.io/docs) and OVN-Kubernetes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "seaworthy/model/index.hpp"

namespace seaworthy::model {

enum class Direction : std::uint8_t { ingress, egress };
[[nodiscard]] std::string_view name(Direction direction); ///< "ingress"

enum class Isolation : std::uint8_t {
    open,          ///< no policy selects it in this direction
    reopened,      ///< isolated, but rules that stand against every denial allow everything
    external_only, ///< only traffic that leaves the cluster is filtered
    isolated,
    unresolved, ///< a policy that could change the answer says something that cannot be resolved
};

/// A pod as policies know it. Not for host-network pods: no policy applies to them.
struct PodIdentity {
    std::string_view ns;
    const StringMap& labels;
    std::string_view service_account; ///< empty: `default`
};
[[nodiscard]] PodIdentity identity_of(std::string_view ns, const StringMap& labels, const PodSpec* spec);

/// What a pod is asked by, or asks.
struct Connection {
    enum class Who : std::uint8_t {
        anybody,         ///< every pod, or every address
        whole_namespace, ///< every pod of `ns`
        pods,            ///< those with `labels` in `ns`, at `addresses`
        outside,         ///< what is at `addresses`, no pod
    };
    Who who = Who::anybody;
    std::string_view protocol = "TCP";
    std::int32_t port = 0;
    std::string_view port_name; ///< as the pod calls the port
    std::string_view ns;
    const StringMap* namespace_labels = nullptr; ///< nullptr: not read
    const StringMap* labels = nullptr;
    std::string_view service_account;
    std::span<const std::string_view> addresses;
    std::span<const std::string_view> node_addresses; ///< addresses that nodes have and that answer like the pods
};

enum class Answer : std::uint8_t { no, yes, unresolved };

/// What one policy of another API than NetworkPolicy lets through, as its rules are written.
struct PolicySummary {
    bool opens_ingress = false; ///< a rule allows everything
    bool opens_egress = false;
    bool doubtful = false; ///< a rule that could cannot be resolved
};

/// The policies of an inventory, read once, and what they do with each of its pods. The inventory and its index must outlive it.
class NetworkIsolation {
public:
    NetworkIsolation(const Inventory& inventory, const Index& index);
    ~NetworkIsolation();
    NetworkIsolation(NetworkIsolation&&) noexcept;

    [[nodiscard]] Isolation of_pod(const PodIdentity& pod, Direction direction) const;
    /// Any pod that could be created in the namespace: only what selects every pod counts.
    [[nodiscard]] Isolation of_any_pod(std::string_view ns, Direction direction) const;
    /// The same without the baseline tier of the Network Policy API.
    [[nodiscard]] Isolation of_any_pod_above_baseline(std::string_view ns, Direction direction) const;
    /// True if the pod's policies let the connection through.
    [[nodiscard]] Answer admits(const PodIdentity& pod, Direction direction, const Connection& connection) const;
    /// Names a policy that leaves the pod's isolation unresolved: "CiliumNetworkPolicy shop/web". Empty where none does.
    [[nodiscard]] std::string doubt(const PodIdentity& pod, Direction direction) const;
    [[nodiscard]] std::string doubt_about_any_pod(std::string_view ns, Direction direction) const;
    [[nodiscard]] PolicySummary summary_of(const Document& policy) const;
    /// True if the policy selects the pod.
    [[nodiscard]] Answer selects(const Document& policy, const PodIdentity& pod) const;
    /// True if the policy selects each pod that the namespace has or could get.
    [[nodiscard]] Answer covers(const Document& policy, std::string_view ns) const;
    /// The gap in a list of policies that could select pods of the namespace, or nullptr. A policy API that is not served is no gap.
    [[nodiscard]] const Gap* unread(std::string_view ns) const;

private:
    class Model;
    std::unique_ptr<const Model> m_model;
};

/// True if the rule lets everything through: no peers or blocks that are every address of a family together, and no ports or all of each protocol.
[[nodiscard]] bool admits_everything(const NetworkPolicyRule& rule);
/// True if the policy selects every pod of its namespace, present and future.
[[nodiscard]] bool selects_every_pod(const NetworkPolicy& policy);
/// True if the policy isolates the pods that it selects in this direction.
[[nodiscard]] bool affects(const NetworkPolicy& policy, Direction direction);
/// The rules of a direction; those of a direction that the policy does not affect are inert.
[[nodiscard]] std::span<const NetworkPolicyRule> rules(const NetworkPolicy& policy, Direction direction);

} // namespace seaworthy::model

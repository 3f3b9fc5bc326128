// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/network_isolation.hpp"

#include <algorithm>
#include <array>

namespace seaworthy::model {
namespace {

enum class Reach : std::uint8_t { own_namespace, cluster, egress_firewall };

/// The policy APIs besides NetworkPolicy that can isolate or open pods.
struct OtherPolicies {
    std::string_view resource;
    Reach reach;
};

constexpr std::array k_other_policies{
    OtherPolicies{"clusternetworkpolicies.policy.networking.k8s.io", Reach::cluster},
    OtherPolicies{"adminnetworkpolicies.policy.networking.k8s.io", Reach::cluster},
    OtherPolicies{"baselineadminnetworkpolicies.policy.networking.k8s.io", Reach::cluster},
    OtherPolicies{"ciliumnetworkpolicies.cilium.io", Reach::own_namespace},
    OtherPolicies{"ciliumclusterwidenetworkpolicies.cilium.io", Reach::cluster},
    OtherPolicies{"networkpolicies.projectcalico.org", Reach::own_namespace},
    OtherPolicies{"globalnetworkpolicies.projectcalico.org", Reach::cluster},
    OtherPolicies{"networkpolicies.crd.projectcalico.org", Reach::own_namespace},
    OtherPolicies{"globalnetworkpolicies.crd.projectcalico.org", Reach::cluster},
    OtherPolicies{"networkpolicies.crd.antrea.io", Reach::own_namespace},
    OtherPolicies{"clusternetworkpolicies.crd.antrea.io", Reach::cluster},
    OtherPolicies{"egressfirewalls.k8s.ovn.org", Reach::egress_firewall},
};

bool is_everywhere(const NetworkPolicyPeer& peer)
{
    return (peer.cidr == "0.0.0.0/0" || peer.cidr == "::/0") && peer.except.empty();
}

/// Folds the policies that select a pod: any one isolates it, any rule that admits everything opens it again.
template <typename Selects>
Isolation fold(std::span<const NetworkPolicy* const> policies, Direction direction, Selects selects)
{
    auto result = Isolation::open;
    for (const auto* policy : policies) {
        if (!affects(*policy, direction) || !selects(*policy)) continue;
        if (std::ranges::any_of(rules(*policy, direction), admits_everything)) return Isolation::reopened;
        result = Isolation::isolated;
    }
    return result;
}

} // namespace

std::string_view name(Direction direction)
{
    return direction == Direction::ingress ? "ingress" : "egress";
}

bool admits_everything(const NetworkPolicyRule& rule)
{
    return rule.ports.empty() && (rule.peers.empty() || std::ranges::any_of(rule.peers, is_everywhere));
}

bool selects_every_pod(const NetworkPolicy& policy)
{
    return policy.pod_selector.empty();
}

bool affects(const NetworkPolicy& policy, Direction direction)
{
    return direction == Direction::ingress ? policy.affects_ingress : policy.affects_egress;
}

std::span<const NetworkPolicyRule> rules(const NetworkPolicy& policy, Direction direction)
{
    if (!affects(policy, direction)) return {};
    return direction == Direction::ingress ? policy.ingress : policy.egress;
}

Isolation NetworkIsolation::of_pod(std::string_view ns, const StringMap& labels, Direction direction) const
{
    const auto selects = [&](const NetworkPolicy& policy) { return selects_every_pod(policy) || policy.pod_selector.matches(labels); };
    return with_other_policies(fold(m_index.network_policies_in(ns), direction, selects), ns, direction);
}

Isolation NetworkIsolation::of_any_pod(std::string_view ns, Direction direction) const
{
    return with_other_policies(fold(m_index.network_policies_in(ns), direction, selects_every_pod), ns, direction);
}

Isolation NetworkIsolation::with_other_policies(Isolation by_network_policies, std::string_view ns, Direction direction) const
{
    auto result = by_network_policies;
    for (const auto& [resource, reach] : k_other_policies) {
        const bool here = reach == Reach::cluster ? !m_inventory.documents_of(resource).empty() : !m_index.documents_in(resource, ns).empty();
        if (!here) continue;
        if (reach != Reach::egress_firewall) return Isolation::unresolved;
        if (direction == Direction::egress && result == Isolation::open) result = Isolation::external_only;
    }
    return result;
}

const Gap* NetworkIsolation::unread(std::string_view ns) const
{
    const auto hidden = [&](std::string_view resource, std::string_view where) -> const Gap* {
        const auto* gap = m_inventory.gap(resource, where);
        if (gap == nullptr || gap->reason == Reason::not_served) return nullptr;
        // Manifests are judged by the policies in them.
        return m_inventory.cluster.partial && gap->reason == Reason::unobservable ? nullptr : gap;
    };
    if (const auto* gap = hidden("networkpolicies.networking.k8s.io", ns)) return gap;
    for (const auto& [resource, reach] : k_other_policies)
        if (const auto* gap = hidden(resource, reach == Reach::cluster ? std::string_view{"*"} : ns)) return gap;
    return nullptr;
}

} // namespace seaworthy::model

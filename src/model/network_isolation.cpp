// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/network_isolation.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <optional>
#include <string>

#include <arpa/inet.h>

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

/// A block as far as its first eight bits tell.
struct Block {
    bool v6 = false;
    unsigned first = 0;  ///< the first octet
    unsigned length = 0; ///< of the prefix
};

std::optional<Block> parse_block(std::string_view cidr)
{
    const auto slash = cidr.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string address{cidr.substr(0, slash)};
    const auto digits = cidr.substr(slash + 1);
    Block block{.v6 = address.find(':') != std::string::npos};
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(block.v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), block.length);
    if (error != std::errc{} || end != digits.data() + digits.size() || block.length > (block.v6 ? 128U : 32U)) return std::nullopt;
    block.first = bytes[0];
    return block;
}

/// Addresses of one family by their first octet: enough to see that blocks cover it together, 0.0.0.0/1 and 128.0.0.0/1. A hole that a
/// block of more than eight bits fills again stays one.
using Octets = std::bitset<256>;

/// The octets that the block touches; one of at most eight bits covers them.
Octets octets_of(const Block& block)
{
    const std::size_t count = block.length < 8 ? std::size_t{256} >> block.length : 1;
    return (~Octets{} >> (256 - count)) << (block.first / count * count);
}

Octets covered_by(const NetworkPolicyPeer& peer, const Block& block)
{
    if (block.length > 8) return {};
    auto octets = octets_of(block);
    for (const auto except : peer.except)
        if (const auto left_out = parse_block(except); left_out && left_out->v6 == block.v6) octets &= ~octets_of(*left_out);
    return octets;
}

constexpr std::array<std::string_view, 3> k_protocols{"TCP", "UDP", "SCTP"};

/// True if the rule leaves no port of the protocol out.
bool admits_every_port(const NetworkPolicyRule& rule, std::string_view protocol)
{
    return rule.ports.empty() || std::ranges::any_of(rule.ports, [&](const NetworkPolicyPort& port) {
               const bool every_port = port.port.empty() || (port.port == "1" && port.end_port == 65535);
               return every_port && (port.protocol.empty() ? k_protocols.front() : port.protocol.view()) == protocol;
           });
}

/// What rules admit on every port, by protocol. Rules add up, those of one policy and those of several.
class Admitted {
public:
    void add(const NetworkPolicyRule& rule)
    {
        for (std::size_t i = 0; i < k_protocols.size(); ++i)
            if (admits_every_port(rule, k_protocols[i])) add(rule.peers, m_from[i]);
    }
    /// Every address by every protocol, of one family at least: a cluster need not have both.
    [[nodiscard]] bool everything() const
    {
        return std::ranges::all_of(m_from, [](const From& from) { return from.v4.all(); }) ||
               std::ranges::all_of(m_from, [](const From& from) { return from.v6.all(); });
    }

private:
    struct From {
        Octets v4;
        Octets v6;
    };

    static void add(std::span<const NetworkPolicyPeer> peers, From& from)
    {
        if (peers.empty()) from = {~Octets{}, ~Octets{}};
        for (const auto& peer : peers)
            if (const auto block = parse_block(peer.cidr)) (block->v6 ? from.v6 : from.v4) |= covered_by(peer, *block);
    }

    std::array<From, k_protocols.size()> m_from;
};

/// Folds the policies that select a pod: any one isolates it, and rules that admit everything, alone or together, open it again.
template <typename Selects>
Isolation fold(std::span<const NetworkPolicy* const> policies, Direction direction, Selects selects)
{
    auto result = Isolation::open;
    Admitted admitted;
    for (const auto* policy : policies) {
        if (!affects(*policy, direction) || !selects(*policy)) continue;
        result = Isolation::isolated;
        for (const auto& rule : rules(*policy, direction))
            admitted.add(rule);
    }
    return admitted.everything() ? Isolation::reopened : result;
}

} // namespace

std::string_view name(Direction direction)
{
    return direction == Direction::ingress ? "ingress" : "egress";
}

bool admits_everything(const NetworkPolicyRule& rule)
{
    Admitted admitted;
    admitted.add(rule);
    return admitted.everything();
}

bool is_every_address(std::string_view cidr)
{
    const auto block = parse_block(cidr);
    return block && block->length == 0;
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

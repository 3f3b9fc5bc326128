// SPDX-License-Identifier: Apache-2.0
// networking.k8s.io/v1 NetworkPolicy (kubernetes.io/docs/concepts/services-networking/network-policies).
#include <algorithm>
#include <charconv>

#include "model/network/policy.hpp"

namespace seaworthy::model {
namespace {

using Field = LabelExpression::Field;

TrafficPort port_of(const NetworkPolicyPort& port)
{
    TrafficPort read{.protocols = port.protocol.empty() ? k_tcp : protocol_by_name(port.protocol)};
    if (port.port.empty()) return read;
    const auto text = port.port.view();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.first);
    if (error != std::errc{} || end != text.data() + text.size()) {
        read.name = text;
        return read;
    }
    read.last = std::max(read.first, port.end_port);
    return read;
}

TrafficPeer peer_of(const NetworkPolicyPeer& peer, std::string_view ns)
{
    TrafficPeer read;
    if (!peer.cidr.empty()) {
        read.kind = TrafficPeer::Kind::block;
        read.cidr = peer.cidr;
        read.except.assign(peer.except.begin(), peer.except.end());
        return read;
    }
    read.kind = TrafficPeer::Kind::pods;
    if (!peer.pod_selector.present && !peer.namespace_selector.present)
        read.pods.add(Match::no); // the API refuses an empty peer
    else if (!peer.namespace_selector.present)
        read.pods.also_in_namespace(ns);
    else
        read.pods.also(expression_of(peer.namespace_selector, Field::namespace_label));
    read.pods.also(expression_of(peer.pod_selector, Field::pod_label));
    return read;
}

TrafficRule rule_of(const NetworkPolicyRule& rule, std::string_view ns)
{
    TrafficRule read;
    if (rule.peers.empty()) read.admit_anybody();
    for (const auto& peer : rule.peers)
        read.peers.push_back(peer_of(peer, ns));
    if (rule.ports.empty()) read.admit_every_port();
    for (const auto& port : rule.ports)
        read.ports.push_back(port_of(port));
    return read;
}

} // namespace

void read_network_policies(const Inventory& inventory, Policies& policies)
{
    for (const auto& object : inventory.network_policies) {
        auto& policy = policies.emplace_back();
        policy.kubernetes = &object;
        policy.kind = "NetworkPolicy";
        policy.ns = policy.home = object.meta.ns;
        policy.name = policy.place.name = object.meta.name;
        policy.subject = expression_of(object.pod_selector, Field::pod_label);
        for (const auto direction : {Direction::ingress, Direction::egress}) {
            auto& way = policy.way(direction);
            way.affects = affects(object, direction);
            way.isolates = way.affects ? Match::yes : Match::no;
            way.rules = read_rules(object, direction);
        }
    }
}

std::vector<TrafficRule> read_rules(const NetworkPolicy& policy, Direction direction)
{
    std::vector<TrafficRule> read;
    for (const auto& rule : rules(policy, direction))
        read.push_back(rule_of(rule, policy.meta.ns));
    return read;
}

bool admits_everything(const NetworkPolicyRule& rule)
{
    const auto cover = cover_of(rule_of(rule, {})).sure;
    return cover.holds(Traffic::of(Ends::both, false)) || cover.holds(Traffic::of(Ends::both, true));
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

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
// policy.networking.k8s.io ClusterNetworkPolicy (v1alpha2), and before it AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1).
#include <algorithm>

#include "model/network/document_selector.hpp"
#include "model/network/policy.hpp"

namespace seaworthy::model {
namespace {

using Field = LabelExpression::Field;
using Kind = TrafficPeer::Kind;

/// `namespaces` or `pods`: of a subject, or of a peer.
LabelExpression pods_of(const Value& value)
{
    LabelExpression expression;
    if (value["namespaces"].exists()) return expression_of(value["namespaces"], Field::namespace_label);
    if (const auto& pods = value["pods"]; pods.exists()) {
        expression.also(expression_of(pods["namespaceSelector"], Field::namespace_label));
        expression.also(expression_of(pods["podSelector"], Field::pod_label));
        return expression;
    }
    expression.add(Match::unresolved);
    return expression;
}

void read_peer(const Value& value, Direction direction, std::vector<TrafficPeer>& peers)
{
    if (value["networks"].exists()) {
        for (const auto& cidr : value["networks"].items())
            peers.push_back({.kind = Kind::block, .cidr = cidr.text()});
    } else if (value["domainNames"].exists()) {
        peers.push_back({.kind = Kind::somebody});
    } else if (!value["nodes"].exists()) {
        TrafficPeer peer{.kind = Kind::pods, .pods = pods_of(value)};
        // Rules for ingress know no other sources, so that all pods are all that they can mean.
        if (direction == Direction::ingress && peer.pods.is_whole_cluster() == Match::yes) peer = {};
        peers.push_back(std::move(peer));
    }
}

TrafficPort port_between(Protocols protocols, const Value& first, const Value& last)
{
    TrafficPort port{.protocols = protocols, .first = static_cast<std::int32_t>(first.number_or(0))};
    port.last = static_cast<std::int32_t>(last.number_or(port.first));
    return port;
}

/// `ports` of v1alpha1.
TrafficPort read_port(const Value& value)
{
    if (const auto& number = value["portNumber"]; number.exists())
        return port_between(protocol_by_name(number["protocol"].text()), number["port"], number["port"]);
    if (const auto& range = value["portRange"]; range.exists()) {
        const auto protocol = range["protocol"].text();
        return port_between(protocol.empty() ? k_tcp : protocol_by_name(protocol), range["start"], range["end"]);
    }
    return {.name = value["namedPort"].text()};
}

/// `protocols` of v1alpha2.
TrafficPort read_protocol(const Value& value)
{
    for (const std::string_view protocol : {"tcp", "udp", "sctp"}) {
        if (!value[protocol].exists()) continue;
        const auto& port = value[protocol]["destinationPort"];
        const auto& range = port["range"];
        if (range.exists()) return port_between(protocol_by_name(protocol), range["start"], range["end"]);
        if (port["number"].exists()) return port_between(protocol_by_name(protocol), port["number"], port["number"]);
        return {.protocols = protocol_by_name(protocol)};
    }
    return {.name = value["destinationNamedPort"].text()};
}

void read_rule(const Value& value, Direction direction, std::vector<TrafficRule>& rules)
{
    TrafficRule rule;
    for (const auto& peer : value[direction == Direction::ingress ? "from" : "to"].items())
        read_peer(peer, direction, rule.peers);
    if (value["ports"].size() == 0 && value["protocols"].size() == 0) rule.admit_every_port();
    for (const auto& port : value["ports"].items())
        rule.ports.push_back(read_port(port));
    for (const auto& protocol : value["protocols"].items())
        rule.ports.push_back(read_protocol(protocol));
    const auto action = value["action"].text();
    if (action == "Deny") rule.action = PolicyAction::deny;
    if (action == "Pass") rule.action = PolicyAction::pass;
    if (action != "Accept" && action != "Allow" && rule.action == PolicyAction::allow) {
        rule.partial = true; // it may do one or the other
        rules.push_back(rule);
        rule.action = PolicyAction::deny;
    }
    rules.push_back(std::move(rule));
}

void read_policy(const Document& document, bool baseline, Policies& policies)
{
    Policy policy;
    policy.document = &document;
    policy.kind = document.kind;
    policy.name = policy.place.name = document.meta.name;
    policy.subject = pods_of(document.at("spec.subject"));
    policy.place.stage = baseline ? PolicyPlace::Stage::baseline : PolicyPlace::Stage::admin;
    policy.place.order = document.at("spec.priority").number_or(0);
    policy.any_order = true;
    for (const auto direction : {Direction::ingress, Direction::egress}) {
        auto& way = policy.way(direction);
        for (const auto& rule : document["spec"][name(direction)].items())
            read_rule(rule, direction, way.rules);
        way.affects = !way.rules.empty();
    }
    policies.push_back(std::move(policy));
}

} // namespace

void read_cluster_network_policies(const Inventory& inventory, Policies& policies)
{
    for (const auto& document : inventory.documents_of("clusternetworkpolicies.policy.networking.k8s.io"))
        read_policy(document, document.at("spec.tier").text() == "Baseline", policies);
    for (const auto& document : inventory.documents_of("adminnetworkpolicies.policy.networking.k8s.io"))
        read_policy(document, false, policies);
    for (const auto& document : inventory.documents_of("baselineadminnetworkpolicies.policy.networking.k8s.io"))
        read_policy(document, true, policies);
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
// crd.antrea.io/v1beta1 NetworkPolicy and ClusterNetworkPolicy (antrea.io/docs, "Antrea Network Policy CRDs"): rules that act on what they
// name, and close nothing by themselves.
#include <algorithm>
#include <array>
#include <map>

#include "model/network/document_selector.hpp"
#include "model/network/policy.hpp"

namespace seaworthy::model {
namespace {

using Field = LabelExpression::Field;
using Operator = LabelExpression::Operator;
using Kind = TrafficPeer::Kind;

using Tiers = std::map<std::string_view, double>;
constexpr std::string_view k_baseline = "baseline";

Tiers read_tiers(const Inventory& inventory)
{
    Tiers tiers{{"emergency", 50}, {"securityops", 100}, {"networkops", 150}, {"platform", 200}, {"application", 250}, {k_baseline, 253}};
    for (const auto& tier : inventory.documents_of("tiers.crd.antrea.io"))
        tiers[tier.meta.name] = tier.at("spec.priority").number_or(250);
    return tiers;
}

/// Pods by selectors, or by their service account. Without a namespace selector: the policy's namespace, for a cluster's policy all.
LabelExpression pods_of(const Value& item, std::string_view ns)
{
    LabelExpression expression;
    if (const auto& account = item["serviceAccount"]; account.exists()) {
        expression.add(Field::namespace_name, Operator::in, {}, {account["namespace"].text()});
        expression.add(Field::service_account_name, Operator::in, {}, {account["name"].text()});
        expression.all_of(2);
        return expression;
    }
    if (item["namespaceSelector"].exists())
        expression.also(expression_of(item["namespaceSelector"], Field::namespace_label));
    else if (!ns.empty())
        expression.also_in_namespace(ns);
    expression.also(expression_of(item["podSelector"], Field::pod_label));
    return expression;
}

bool names_pods(const Value& item)
{
    return item["podSelector"].exists() || item["namespaceSelector"].exists() || item["serviceAccount"].exists();
}

LabelExpression subject_of(const Value& applied_to, std::string_view ns)
{
    LabelExpression any;
    std::size_t operands = 0;
    for (const auto& item : applied_to.items()) {
        const auto pods = names_pods(item) ? pods_of(item, ns) : LabelExpression{};
        if (!pods.empty())
            any.push(pods);
        else if (names_pods(item))
            any.add(Match::yes);
        else
            any.add(item["group"].exists() ? Match::unresolved : Match::no); // nodes, Services and machines are no pods
        ++operands;
    }
    any.any_of(operands);
    return any;
}

void read_peer(const Value& item, std::string_view ns, std::vector<TrafficPeer>& peers)
{
    if (item["ipBlock"].exists()) {
        TrafficPeer peer{.kind = Kind::block, .cidr = item.at("ipBlock.cidr").text()};
        for (const auto& except : item.at("ipBlock.except").items())
            peer.except.push_back(except.text());
        peers.push_back(std::move(peer));
    } else if (item["group"].exists()) {
        peers.push_back({.kind = Kind::unresolved});
    } else if (item["fqdn"].exists()) {
        const bool any_name = item["fqdn"].text().find_first_not_of('*') == std::string_view::npos;
        peers.push_back({.kind = any_name ? Kind::unresolved : Kind::somebody, .ends = Ends::outside});
    } else if (item["namespaces"].exists() || item["externalEntitySelector"].exists()) {
        peers.push_back({.kind = Kind::somebody}); // which, depends on the pod that the rule acts on
    } else if (names_pods(item)) {
        peers.push_back({.kind = Kind::pods, .pods = pods_of(item, ns)});
    } else if (!item["nodeSelector"].exists()) {
        peers.push_back({.kind = Kind::unresolved});
    }
}

void read_ports(const Value& value, TrafficRule& rule)
{
    if (value["ports"].size() == 0 && value["protocols"].size() == 0) return rule.admit_every_port();
    for (const auto& item : value["ports"].items()) {
        const auto protocol = item["protocol"].text();
        TrafficPort port{.protocols = protocol.empty() ? k_tcp : protocol_by_name(protocol)};
        if (item["port"].kind() == Value::Kind::number) {
            port.first = static_cast<std::int32_t>(item["port"].number_or(0));
            port.last = std::max(port.first, static_cast<std::int32_t>(item["endPort"].number_or(0)));
        } else {
            port.name = item["port"].text();
        }
        rule.partial = rule.partial || item["sourcePort"].exists();
        rule.ports.push_back(port);
    }
}

void read_rule(const Value& value, Direction direction, std::string_view ns, std::vector<TrafficRule>& rules)
{
    const auto& peers = value[direction == Direction::ingress ? "from" : "to"];
    TrafficRule rule;
    rule.partial = value["l7Protocols"].size() > 0;
    for (const auto& peer : peers.items())
        read_peer(peer, ns, rule.peers);
    if (value["toServices"].size() > 0)
        rule.peers.push_back({.kind = Kind::somebody});
    else if (peers.size() == 0)
        rule.admit_anybody();
    read_ports(value, rule);
    const auto action = value["action"].text();
    if (action == "Drop" || action == "Reject") rule.action = PolicyAction::deny;
    if (action == "Pass") rule.action = PolicyAction::pass;
    if (action != "Allow" && rule.action == PolicyAction::allow) {
        rule.partial = true; // it may do one or the other
        rules.push_back(rule);
        rule.action = PolicyAction::deny;
    }
    rules.push_back(std::move(rule));
}

/// The rules that act on the same pods, as one policy. `applied_to` of a rule stands for that of the policy.
class Reader {
public:
    Reader(const Tiers& tiers, Policies& policies) : m_tiers(tiers), m_policies(policies) {}

    void read(const Document& document)
    {
        const auto& spec = document["spec"];
        const auto ns = document.meta.ns.view();
        std::size_t part = 0;
        auto common = begin(document, spec["appliedTo"], part);
        for (const auto direction : {Direction::ingress, Direction::egress})
            for (const auto& rule : spec[name(direction)].items()) {
                ++part;
                if (rule["appliedTo"].size() == 0) {
                    read_rule(rule, direction, ns, common.way(direction).rules);
                    continue;
                }
                auto own = begin(document, rule["appliedTo"], part);
                read_rule(rule, direction, ns, own.way(direction).rules);
                end(std::move(own));
            }
        end(std::move(common));
    }

private:
    Policy begin(const Document& document, const Value& applied_to, std::size_t part) const
    {
        Policy policy;
        policy.document = &document;
        policy.kind = document.kind;
        policy.ns = policy.home = document.meta.ns;
        policy.name = document.meta.name;
        policy.subject = subject_of(applied_to, document.meta.ns);
        policy.any_order = true;
        const auto tier = document.at("spec.tier").text().empty() ? std::string_view{"application"} : document.at("spec.tier").text();
        const auto known = m_tiers.find(tier);
        policy.unplaced = known == m_tiers.end();
        auto& place = policy.place;
        place.stage = tier == k_baseline ? PolicyPlace::Stage::baseline : PolicyPlace::Stage::antrea;
        place.tier = place.stage == PolicyPlace::Stage::baseline ? "antrea" : "";
        place.rank = policy.unplaced ? -1 : known->second;
        place.order = document.at("spec.priority").number_or(0);
        place.name = document.meta.name;
        place.part = part;
        return policy;
    }

    void end(Policy policy)
    {
        for (const auto direction : {Direction::ingress, Direction::egress})
            policy.way(direction).affects = !policy.way(direction).rules.empty();
        m_policies.push_back(std::move(policy));
    }

    const Tiers& m_tiers;
    Policies& m_policies;
};

} // namespace

void read_antrea_policies(const Inventory& inventory, Policies& policies)
{
    const auto tiers = read_tiers(inventory);
    Reader reader{tiers, policies};
    for (const std::string_view kind : {"networkpolicies.crd.antrea.io", "clusternetworkpolicies.crd.antrea.io"})
        for (const auto& document : inventory.documents_of(kind))
            reader.read(document);
}

} // namespace seaworthy::model

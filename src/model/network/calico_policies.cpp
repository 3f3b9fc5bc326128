// SPDX-License-Identifier: Apache-2.0
// Calico's NetworkPolicy and GlobalNetworkPolicy of projectcalico.org/v3, or as crd.projectcalico.org/v1 stores them
// (docs.tigera.io/calico/latest/reference/resources).
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>
#include <set>

#include "model/network/calico_selector.hpp"
#include "model/network/policy.hpp"

namespace seaworthy::model {
namespace {

using Kind = TrafficPeer::Kind;

constexpr double k_last = std::numeric_limits<double>::infinity();
constexpr double k_default_tier = 1'000'000;
/// NetworkPolicies are policies of the default tier with this order.
constexpr double k_network_policies = 1000;

struct Tier {
    double order = k_last;
    bool passes = false; ///< defaultAction: Pass
};
using Tiers = std::map<std::string_view, Tier>;

Tiers read_tiers(const Inventory& inventory)
{
    // Those that Calico makes itself for the Network Policy API.
    Tiers tiers{{"kube-admin", {1000, true}},
                {"adminnetworkpolicy", {1000, true}},
                {"kube-baseline", {10'000'000, true}},
                {"baselineadminnetworkpolicy", {10'000'000, true}}};
    for (const std::string_view kind : {"tiers.crd.projectcalico.org", "tiers.projectcalico.org"})
        for (const auto& tier : inventory.documents_of(kind))
            tiers[tier.meta.name] = {tier.at("spec.order").number_or(k_last), tier.at("spec.defaultAction").text() == "Pass"};
    return tiers;
}

LabelExpression selector(std::string_view text, CalicoSubject subject)
{
    if (auto parsed = parse_calico_selector(text, subject)) return std::move(parsed->expression);
    LabelExpression unknown;
    unknown.add(Match::unresolved);
    return unknown;
}

LabelExpression service_accounts(const Value& value)
{
    LabelExpression expression;
    if (value["names"].size() > 0) {
        LabelExpression::Values names;
        for (const auto& name : value["names"].items())
            names.push_back(name.text());
        expression.add(LabelExpression::Field::service_account_name, LabelExpression::Operator::in, {}, std::move(names));
    }
    expression.also(selector(value["selector"].text(), CalicoSubject::service_accounts));
    return expression;
}

std::vector<std::string_view> texts(const Value& list)
{
    std::vector<std::string_view> all;
    for (const auto& item : list.items())
        all.push_back(item.text());
    return all;
}

/// The pods that `source` or `destination` chooses. Without a namespace selector, a policy of a namespace means its own.
TrafficPeer pods_of(const Value& entity, std::string_view ns)
{
    TrafficPeer peer{.kind = Kind::pods};
    const auto namespaces = entity["namespaceSelector"].text();
    if (!namespaces.empty()) {
        const auto parsed = parse_calico_selector(namespaces, CalicoSubject::namespaces);
        if (!parsed || parsed->names_global) return {.kind = Kind::unresolved}; // network sets, which hold any address
        peer.pods.also(parsed->expression);
    } else if (!ns.empty()) {
        peer.pods.also_in_namespace(ns);
    }
    peer.pods.also(selector(entity["selector"].text(), CalicoSubject::endpoints));
    if (!entity["notSelector"].text().empty()) {
        auto excluded = selector(entity["notSelector"].text(), CalicoSubject::endpoints);
        excluded.negate();
        peer.pods.also(excluded);
    }
    peer.pods.also(service_accounts(entity["serviceAccounts"]));
    return peer;
}

bool names_addresses(const Value& entity)
{
    return entity["nets"].size() > 0 || entity["notNets"].size() > 0;
}

bool names_pods(const Value& entity)
{
    return std::ranges::any_of(std::array{"selector", "notSelector", "namespaceSelector"},
                               [&](std::string_view field) { return !entity[field].text().empty(); }) ||
           entity["serviceAccounts"].size() > 0;
}

bool names_ends(const Value& entity)
{
    return names_addresses(entity) || names_pods(entity) || entity["services"].exists() || entity["domains"].size() > 0;
}

std::vector<TrafficPeer> read_peers(const Value& entity, std::string_view ns)
{
    std::vector<TrafficPeer> peers;
    if (!names_ends(entity)) {
        peers.emplace_back();
    } else if (entity["services"].exists() || entity["domains"].size() > 0 || (names_addresses(entity) && names_pods(entity))) {
        peers.push_back({.kind = Kind::somebody});
    } else if (names_pods(entity)) {
        peers.push_back(pods_of(entity, ns));
    } else {
        auto nets = texts(entity["nets"]);
        if (nets.empty()) nets = {"0.0.0.0/0", "::/0"};
        for (const auto net : nets)
            peers.push_back({.kind = Kind::block, .cidr = net, .except = texts(entity["notNets"])});
    }
    return peers;
}

/// A protocol by name or number; for the absent one all.
Protocols read_protocol(const Value& value)
{
    if (!value.exists()) return k_every_protocol;
    if (value.kind() == Value::Kind::number) {
        const auto number = static_cast<int>(value.number_or(0));
        return number == 6 ? k_tcp : number == 17 ? k_udp : number == 132 ? k_sctp : Protocols{0};
    }
    return protocol_by_name(value.text());
}

/// `80`, `"80:90"`, or the name of a port.
TrafficPort read_port(const Value& value, Protocols protocols)
{
    TrafficPort port{.protocols = protocols};
    if (value.kind() == Value::Kind::number) {
        port.first = port.last = static_cast<std::int32_t>(value.number_or(0));
        return port;
    }
    const auto text = value.text();
    const auto colon = text.find(':');
    const auto number = [](std::string_view digits, std::int32_t& into) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
        return !digits.empty() && error == std::errc{} && end == digits.data() + digits.size();
    };
    if (!number(text.substr(0, colon), port.first)) return {.protocols = protocols, .name = text};
    port.last = port.first;
    if (colon != std::string_view::npos && !number(text.substr(colon + 1), port.last)) return {.protocols = protocols, .name = text};
    return port;
}

void read_rule(const Value& value, Direction direction, std::string_view ns, std::vector<TrafficRule>& rules)
{
    const bool in = direction == Direction::ingress;
    const auto& source = value["source"];
    const auto& destination = value["destination"];
    const auto& other = in ? source : destination;
    const auto& own = in ? destination : source;
    const auto action = value["action"].text();
    if (action == "Log") return;

    TrafficRule rule;
    rule.peers = read_peers(other, ns);
    const auto version = value["ipVersion"].number_or(0);
    for (auto& peer : rule.peers) {
        peer.v4 = version != 6;
        peer.v6 = version != 4;
    }
    auto protocols = read_protocol(value["protocol"]);
    if (value["notProtocol"].exists()) protocols &= static_cast<Protocols>(~read_protocol(value["notProtocol"]));
    if (value["icmp"].exists() || value["notICMP"].exists()) protocols = 0;
    const auto& ports = destination["ports"];
    if (ports.size() == 0) rule.ports.push_back({.protocols = protocols});
    for (const auto& port : ports.items())
        rule.ports.push_back(read_port(port, protocols));
    rule.partial = names_ends(own) || destination["notPorts"].size() > 0 || source["ports"].size() > 0 || source["notPorts"].size() > 0 ||
                   value["http"].exists();

    if (action == "Allow") rule.action = PolicyAction::allow;
    if (action == "Deny") rule.action = PolicyAction::deny;
    if (action == "Pass" || action == "next-tier") rule.action = PolicyAction::pass;
    if (action == "Allow" || action == "Deny" || action == "Pass" || action == "next-tier") return rules.push_back(std::move(rule));
    // It may do one or the other.
    rule.partial = true;
    rules.push_back(rule);
    rule.action = PolicyAction::deny;
    rules.push_back(std::move(rule));
}

/// What the policy acts on by default depends on the rules that it has.
bool acts_on(const Value& spec, Direction direction)
{
    const bool in = direction == Direction::ingress;
    if (spec["types"].size() > 0) return spec["types"].contains(in ? "Ingress" : "Egress");
    if (!in) return spec["egress"].size() > 0;
    return spec["ingress"].size() > 0 || spec["egress"].size() == 0;
}

PolicyPlace place_of(std::string_view tier, const Value& spec, const Tiers& tiers, bool& unplaced)
{
    PolicyPlace place;
    place.order = spec["order"].number_or(k_last);
    place.tier = tier;
    if (tier == "default") {
        place.tier = {}; // where NetworkPolicies are, whoever enforces them
        place.layer = place.order < k_network_policies ? PolicyPlace::Layer::before_network_policies : PolicyPlace::Layer::after_network_policies;
        return place;
    }
    const auto known = tiers.find(tier);
    unplaced = known == tiers.end();
    // One whose place is not known stands first with what it may allow, since nothing can take that back.
    place.tier_order = unplaced ? -k_last : known->second.order;
    place.stage = place.tier_order <= k_default_tier ? PolicyPlace::Stage::before_default : PolicyPlace::Stage::after_default;
    return place;
}

/// `default.web` in the store is `web` in the API of older releases.
std::string_view short_name(std::string_view name, std::string_view tier)
{
    if (name.starts_with(tier) && name.substr(tier.size()).starts_with('.')) name.remove_prefix(tier.size() + 1);
    return name;
}

/// Made by Calico from Kubernetes' own policies, which are read themselves.
bool is_made_by_calico(std::string_view name)
{
    return std::ranges::any_of(std::array{"knp.", "kanp.", "kbanp.", "kcnp."}, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void read_policy(const Document& document, const Tiers& tiers, Policies& policies)
{
    const auto& spec = document["spec"];
    const auto ns = document.meta.ns.view();
    const auto tier = spec["tier"].text().empty() ? std::string_view{"default"} : spec["tier"].text();
    Policy policy;
    policy.document = &document;
    policy.kind = document.kind;
    policy.ns = policy.home = ns;
    policy.name = document.meta.name;
    policy.place = place_of(tier, spec, tiers, policy.unplaced);
    policy.place.name = document.meta.name;
    policy.tier_passes = tier != "default" && tiers.contains(tier) && tiers.at(tier).passes;
    policy.subject = selector(spec["selector"].text(), CalicoSubject::endpoints);
    if (ns.empty()) policy.subject.also(selector(spec["namespaceSelector"].text(), CalicoSubject::namespaces));
    policy.subject.also(selector(spec["serviceAccountSelector"].text(), CalicoSubject::service_accounts));
    for (const auto direction : {Direction::ingress, Direction::egress}) {
        auto& way = policy.way(direction);
        way.affects = acts_on(spec, direction);
        if (!way.affects) continue;
        way.isolates = Match::yes;
        for (const auto& rule : spec[name(direction)].items())
            read_rule(rule, direction, ns, way.rules);
    }
    policies.push_back(std::move(policy));
}

} // namespace

void read_calico_policies(const Inventory& inventory, Policies& policies)
{
    const auto tiers = read_tiers(inventory);
    std::set<std::pair<std::string_view, std::string_view>> seen; // both APIs show the same objects
    for (const std::string_view kind : {"networkpolicies.projectcalico.org", "globalnetworkpolicies.projectcalico.org",
                                        "networkpolicies.crd.projectcalico.org", "globalnetworkpolicies.crd.projectcalico.org"})
        for (const auto& document : inventory.documents_of(kind)) {
            const auto& spec = document["spec"];
            const auto tier = spec["tier"].text().empty() ? std::string_view{"default"} : spec["tier"].text();
            if (is_made_by_calico(document.meta.name) || !seen.emplace(document.meta.ns, short_name(document.meta.name, tier)).second) continue;
            // Those act on the interfaces of nodes.
            if (spec["preDNAT"].is_true() || spec["doNotTrack"].is_true()) continue;
            read_policy(document, tiers, policies);
        }
}

} // namespace seaworthy::model

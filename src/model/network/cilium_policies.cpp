// SPDX-License-Identifier: Apache-2.0
// cilium.io/v2 CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (docs.cilium.io, "Network Policy"; what selectors and empty lists mean
// is as Cilium 1.20 translates them).
#include <algorithm>
#include <charconv>

#include "model/network/document_selector.hpp"
#include "model/network/policy.hpp"

namespace seaworthy::model {
namespace {

using Field = LabelExpression::Field;
using Kind = TrafficPeer::Kind;

constexpr std::string_view k_pod_namespace = "io.kubernetes.pod.namespace";
constexpr std::string_view k_namespace_labels = "io.cilium.k8s.namespace.labels.";
constexpr std::string_view k_service_account = "io.cilium.k8s.policy.serviceaccount";
constexpr std::string_view k_cluster = "io.cilium.k8s.policy.cluster";

/// Keys may name the source of the label before a colon. Labels of pods and namespaces are those of source k8s.
SelectorKey read_key(std::string_view key)
{
    if (const auto colon = key.find(':'); colon != std::string_view::npos) {
        const auto source = key.substr(0, colon);
        if (source == "reserved" || source == "cidr" || source == "fqdn") return {.constant = Match::no};
        if (source != "k8s" && source != "any") return {.constant = Match::unresolved};
        key.remove_prefix(colon + 1);
    }
    if (key == k_pod_namespace) return {Field::namespace_name, key, std::nullopt};
    if (key.starts_with(k_namespace_labels)) return {Field::namespace_label, key.substr(k_namespace_labels.size()), std::nullopt};
    if (key == k_service_account) return {Field::service_account_name, key, std::nullopt};
    if (key == k_cluster) return {.constant = Match::unresolved};
    return {Field::pod_label, key, std::nullopt};
}

/// A selector of other pods: where it names no namespaces, those of the policy's own, and for a cluster-wide policy all.
LabelExpression peers_of(const Value& selector, std::string_view ns)
{
    auto expression = expression_of(selector, read_key);
    if (ns.empty() || expression.asks_for(Field::namespace_name) || expression.asks_for(Field::namespace_label)) return expression;
    LabelExpression in_own;
    in_own.also_in_namespace(ns);
    in_own.also(expression);
    return in_own;
}

/// The pods of the policy. Cilium puts the policy's own namespace over any that the selector names.
LabelExpression subject_of(const Value& selector, std::string_view ns)
{
    if (ns.empty()) return expression_of(selector, read_key);
    return expression_of(selector, [](std::string_view key) {
        auto read = read_key(key);
        if (read.field == Field::namespace_name && !read.constant) read.constant = Match::yes;
        return read;
    });
}

void add_entity(std::string_view entity, std::vector<TrafficPeer>& peers)
{
    TrafficPeer peer;
    if (entity == "all") {
        peer.kind = Kind::anybody;
    } else if (entity == "world" || entity == "world-ipv4" || entity == "world-ipv6") {
        peer.kind = Kind::outside;
        peer.v4 = entity != "world-ipv6";
        peer.v6 = entity != "world-ipv4";
    } else if (entity == "cluster" || entity == "cluster-mesh") {
        peer.kind = Kind::pods;
    } else {
        return; // nodes, the API server, endpoints without an identity: none of them stands for pods or for the world
    }
    peers.push_back(std::move(peer));
}

void add_block(const Value& set, std::vector<TrafficPeer>& peers)
{
    TrafficPeer peer{.kind = Kind::block, .ends = Ends::outside, .cidr = set.kind() == Value::Kind::text ? set.text() : set["cidr"].text()};
    for (const auto& except : set["except"].items())
        peer.except.push_back(except.text());
    if (peer.cidr.empty()) peer.kind = Kind::unresolved; // a CiliumCIDRGroup
    // Cilium takes an address for a block of one.
    peers.push_back(std::move(peer));
}

/// `fromEndpoints` and its like. Nothing where the rule names no peers at all, which is another thing than naming nobody.
std::optional<std::vector<TrafficPeer>> read_peers(const Value& rule, Direction direction, std::string_view ns)
{
    const bool in = direction == Direction::ingress;
    const auto field = [&](std::string_view ingress, std::string_view egress) -> const Value& { return rule[in ? ingress : egress]; };
    const auto& endpoints = field("fromEndpoints", "toEndpoints");
    const auto& cidrs = field("fromCIDR", "toCIDR");
    const auto& sets = field("fromCIDRSet", "toCIDRSet");
    const auto& entities = field("fromEntities", "toEntities");
    const auto& nodes = field("fromNodes", "toNodes");
    const auto& groups = field("fromGroups", "toGroups");
    const auto& required = field("fromRequires", "toRequires");
    const auto& names = rule[in ? "" : "toFQDNs"];
    const auto& services = rule[in ? "" : "toServices"];
    const Value* const all[] = {&endpoints, &cidrs, &sets, &entities, &nodes, &groups, &required, &names, &services};
    if (std::ranges::none_of(all, [](const Value* value) { return value->exists(); })) return std::nullopt;

    std::vector<TrafficPeer> peers;
    for (const auto& selector : endpoints.items())
        peers.push_back({.kind = Kind::pods, .pods = peers_of(selector, ns)});
    for (const auto& cidr : cidrs.items())
        add_block(cidr, peers);
    for (const auto& set : sets.items())
        add_block(set, peers);
    for (const auto& entity : entities.items())
        add_entity(entity.text(), peers);
    if (required.size() > 0) peers.push_back({.kind = Kind::unresolved});
    if (groups.size() > 0) peers.push_back({.kind = Kind::unresolved, .ends = Ends::outside});
    if (services.size() > 0) peers.push_back({.kind = Kind::somebody});
    for (const auto& name : names.items()) {
        const bool any_name = name["matchPattern"].exists() && name["matchPattern"].text().find_first_not_of('*') == std::string_view::npos;
        peers.push_back({.kind = any_name ? Kind::unresolved : Kind::somebody, .ends = Ends::outside});
    }
    return peers;
}

TrafficPort read_port(const Value& port)
{
    TrafficPort read;
    const auto protocol = port["protocol"].text();
    read.protocols = protocol.empty() || protocol == "ANY" ? k_every_protocol : protocol_by_name(protocol);
    const auto text = port["port"].text();
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!text.empty() && (error != std::errc{} || end != text.data() + text.size())) {
        read.name = text;
    } else if (number != 0) { // 0 is every port
        read.first = number;
        read.last = std::max(number, static_cast<std::int32_t>(port["endPort"].number_or(0)));
    }
    return read;
}

/// Rules about requests let a part of them through. DNS by any name is all of it.
bool filters_requests(const Value& to_ports)
{
    if (to_ports["listener"].exists() || to_ports["serverNames"].size() > 0) return true;
    return std::ranges::any_of(to_ports["rules"].members(), [](const Member& member) {
        const bool any_name =
            member.key == "dns" && std::ranges::any_of(member.value.items(), [](const Value& name) { return name["matchPattern"].text() == "*"; });
        return member.value.size() > 0 && !any_name;
    });
}

void read_rule(const Value& value, PolicyAction action, Direction direction, std::string_view ns, std::vector<TrafficRule>& rules)
{
    auto peers = read_peers(value, direction, ns);
    const auto& to_ports = value["toPorts"];
    const bool every_port = to_ports.size() == 0 && value["icmps"].size() == 0;
    if (!peers && every_port) return; // an empty rule names nobody
    TrafficRule rule{.action = action};
    const auto authentication = value.at("authentication.mode").text();
    rule.partial = !authentication.empty() && authentication != "disabled";
    if (peers)
        rule.peers = std::move(*peers);
    else
        rule.admit_anybody();
    if (every_port) {
        rule.admit_every_port();
        rules.push_back(std::move(rule));
        return;
    }
    for (const auto& each : to_ports.items()) {
        auto& part = rules.emplace_back(rule);
        part.partial = part.partial || filters_requests(each);
        if (each["ports"].size() == 0) part.admit_every_port();
        for (const auto& port : each["ports"].items())
            part.ports.push_back(read_port(port));
    }
}

Match default_deny(const Value& spec, std::string_view direction, bool has_rules)
{
    const auto& wanted = spec["enableDefaultDeny"][direction];
    // Since 1.20 at least, what has no rules denies nothing, whatever it asks for; before, it did.
    if (wanted.is_true() && !has_rules) return Match::unresolved;
    if (wanted.is_true() || wanted.is_false()) return wanted.is_true() ? Match::yes : Match::no;
    return has_rules ? Match::yes : Match::no;
}

/// Denials stand before what any policy allows, so they are a policy of their own.
void read_spec(const Value& spec, std::size_t part, const Document& document, Policies& policies)
{
    if (!spec["endpointSelector"].exists()) return; // a nodeSelector: no pods
    for (const auto action : {PolicyAction::allow, PolicyAction::deny}) {
        const bool denies = action == PolicyAction::deny;
        Policy policy;
        policy.document = &document;
        policy.kind = document.kind;
        policy.ns = policy.home = document.meta.ns;
        policy.name = policy.place.name = document.meta.name;
        policy.place.part = part;
        policy.place.layer = denies ? PolicyPlace::Layer::cilium_denies : PolicyPlace::Layer::network_policies;
        policy.subject = subject_of(spec["endpointSelector"], document.meta.ns);
        bool acts = false;
        for (const auto direction : {Direction::ingress, Direction::egress}) {
            const bool in = direction == Direction::ingress;
            const auto& allowed = spec[in ? "ingress" : "egress"];
            const auto& denied = spec[in ? "ingressDeny" : "egressDeny"];
            auto& way = policy.way(direction);
            if (!denies) way.isolates = default_deny(spec, name(direction), allowed.size() + denied.size() > 0);
            for (const auto& rule : (denies ? denied : allowed).items())
                read_rule(rule, action, direction, document.meta.ns, way.rules);
            way.affects = way.isolates != Match::no || !way.rules.empty();
            acts = acts || way.affects;
        }
        if (acts || !denies) policies.push_back(std::move(policy));
    }
}

/// `enable-policy: always`: pods without a policy are closed too.
bool always_enforces(const Inventory& inventory)
{
    return std::ranges::any_of(inventory.documents_of("configmaps"), [](const Document& map) {
        return map.meta.ns == "kube-system" && map.meta.name == "cilium-config" && map["data"]["enable-policy"].text() == "always";
    });
}

} // namespace

void read_cilium_policies(const Inventory& inventory, Policies& policies)
{
    for (const std::string_view kind : {"ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io"})
        for (const auto& document : inventory.documents_of(kind)) {
            std::size_t part = 0;
            read_spec(document["spec"], part, document, policies);
            for (const auto& spec : document["specs"].items())
                read_spec(spec, ++part, document, policies);
        }
    if (!always_enforces(inventory)) return;
    auto& policy = policies.emplace_back();
    policy.kind = "ConfigMap";
    policy.ns = "kube-system";
    policy.name = policy.place.name = "cilium-config";
    policy.ingress.affects = policy.egress.affects = true;
    policy.ingress.isolates = policy.egress.isolates = Match::yes;
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#include "cases/naive_network.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace naive {
namespace {

bool selects(const Selector& selector, const Labels& labels)
{
    for (const auto& [key, value] : selector.labels)
        if (!labels.contains(key) || labels.at(key) != value) return false;
    for (const auto& term : selector.terms) {
        const bool has = labels.contains(term.key);
        const bool listed = has && std::count(term.values.begin(), term.values.end(), labels.at(term.key)) > 0;
        if (term.op == "In" && !listed) return false;
        if (term.op == "NotIn" && listed) return false;
        if (term.op == "Exists" && !has) return false;
        if (term.op == "DoesNotExist" && has) return false;
    }
    return true;
}

/// An address as ones and zeros: 32 or 128 of them.
const std::string& bits_of(const std::string& address)
{
    static std::map<std::string, std::string> known;
    auto& bits = known[address];
    if (!bits.empty()) return bits;
    std::array<unsigned char, 16> bytes{};
    const bool v6 = address.find(':') != std::string::npos;
    inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data());
    for (int i = 0; i < (v6 ? 16 : 4); ++i)
        bits += fmt::format("{:08b}", bytes.at(static_cast<std::size_t>(i)));
    return bits;
}

bool holds(const std::string& cidr, const std::string& address)
{
    const auto slash = cidr.find('/');
    const auto& network = bits_of(cidr.substr(0, slash));
    const auto& bits = bits_of(address);
    const auto length = static_cast<std::size_t>(std::stoi(cidr.substr(slash + 1)));
    return network.size() == bits.size() && network.compare(0, length, bits, 0, length) == 0;
}

bool is_peer(const Peer& peer, const std::string& own_ns, const Cluster& cluster, const Remote& remote)
{
    if (!peer.cidr.empty())
        return holds(peer.cidr, remote.address) &&
               std::none_of(peer.except.begin(), peer.except.end(), [&](const auto& block) { return holds(block, remote.address); });
    if (remote.ns.empty()) return false;
    if (peer.pods && !selects(*peer.pods, remote.labels)) return false;
    if (!peer.namespaces) return remote.ns == own_ns;
    const auto ns = std::find_if(cluster.namespaces.begin(), cluster.namespaces.end(), [&](const auto& each) { return each.name == remote.ns; });
    return ns != cluster.namespaces.end() && selects(*peer.namespaces, ns->labels);
}

bool is_port(const Port& port, const Listener& listener)
{
    if ((port.protocol.empty() ? "TCP" : port.protocol) != listener.protocol) return false;
    if (port.port.empty()) return true;
    if (std::isdigit(static_cast<unsigned char>(port.port.front())) == 0) return port.port == listener.name;
    const int first = std::stoi(port.port);
    return listener.number >= first && listener.number <= (port.end == 0 ? first : port.end);
}

/// "If no policyTypes are specified on a NetworkPolicy then by default Ingress will always be set and Egress will be set if the
/// NetworkPolicy has any egress rules."
bool is_about(const Policy& policy, Way way)
{
    if (policy.types && !policy.types->empty())
        return std::count(policy.types->begin(), policy.types->end(), way == Way::in ? "Ingress" : "Egress") > 0;
    return way == Way::in || (policy.egress && !policy.egress->empty());
}

std::vector<const Policy*> policies_on(const Cluster& cluster, const std::string& ns, const Labels& labels, Way way)
{
    std::vector<const Policy*> found;
    for (const auto& policy : cluster.policies)
        if (policy.ns == ns && is_about(policy, way) && selects(policy.pods, labels)) found.push_back(&policy);
    return found;
}

bool allowed_by(const std::vector<const Policy*>& policies, Way way, const Cluster& cluster, const Remote& remote, const Listener& listener)
{
    for (const auto* policy : policies)
        for (const auto& rule : (way == Way::in ? policy->ingress : policy->egress).value_or(std::vector<Rule>{})) {
            const auto peer = [&](const Peer& each) { return is_peer(each, policy->ns, cluster, remote); };
            const auto port = [&](const Port& each) { return is_port(each, listener); };
            if ((rule.peers.empty() || std::any_of(rule.peers.begin(), rule.peers.end(), peer)) &&
                (rule.ports.empty() || std::any_of(rule.ports.begin(), rule.ports.end(), port)))
                return true;
        }
    return false;
}

/// Addresses of one family from all over the world, and those that people leave out.
std::vector<std::string> addresses(bool v6)
{
    std::vector<std::string> found{v6 ? "fd00:ec2::254" : "169.254.169.254"};
    for (int first = 0; first < 256; ++first)
        found.push_back(v6 ? fmt::format("{:02x}07:7::7", first) : fmt::format("{}.7.7.7", first));
    return found;
}

/// Whether every address of one family gets through, by every protocol.
bool all_get_through(const std::vector<const Policy*>& policies, Way way, const Cluster& cluster)
{
    static const std::array<std::vector<std::string>, 2> k_families{addresses(false), addresses(true)};
    return std::any_of(k_families.begin(), k_families.end(), [&](const auto& family) {
        return std::all_of(family.begin(), family.end(), [&](const auto& address) {
            for (const auto* protocol : {"SCTP", "UDP", "TCP"})
                for (const int port : {1, 54, 65535})
                    if (!allowed_by(policies, way, cluster, {address, {}, {}}, {protocol, port, {}})) return false;
            return true;
        });
    });
}

std::string state(const std::vector<const Policy*>& policies, Way way, const Cluster& cluster)
{
    if (policies.empty()) return "open";
    return all_get_through(policies, way, cluster) ? "reopened" : "isolated";
}

template <typename Item, typename Text>
std::string list(const std::vector<Item>& items, Text text)
{
    std::string all;
    for (const auto& item : items)
        all += (all.empty() ? "" : ",") + text(item);
    return "[" + all + "]";
}

std::string quoted(const std::string& text)
{
    return "'" + text + "'";
}

std::string json(const Labels& labels)
{
    std::string all;
    for (const auto& [key, value] : labels)
        all += fmt::format("{}'{}':'{}'", all.empty() ? "" : ",", key, value);
    return "{" + all + "}";
}

std::string json(const Selector& selector)
{
    std::string all;
    if (!selector.labels.empty()) all = "'matchLabels':" + json(selector.labels);
    const auto term = [](const Term& each) {
        const auto values = each.values.empty() ? "" : ",'values':" + list(each.values, quoted);
        return fmt::format("{{'key':'{}','operator':'{}'{}}}", each.key, each.op, values);
    };
    if (!selector.terms.empty()) all += (all.empty() ? "" : ",") + ("'matchExpressions':" + list(selector.terms, term));
    return "{" + all + "}";
}

std::string json(const Peer& peer)
{
    if (!peer.cidr.empty()) {
        const auto except = peer.except.empty() ? "" : ",'except':" + list(peer.except, quoted);
        return fmt::format("{{'ipBlock':{{'cidr':'{}'{}}}}}", peer.cidr, except);
    }
    std::string all;
    if (peer.pods) all = "'podSelector':" + json(*peer.pods);
    if (peer.namespaces) all += (all.empty() ? "" : ",") + ("'namespaceSelector':" + json(*peer.namespaces));
    return "{" + all + "}";
}

std::string json(const Port& port)
{
    std::vector<std::string> parts;
    if (!port.protocol.empty()) parts.push_back("'protocol':'" + port.protocol + "'");
    if (!port.port.empty())
        parts.push_back("'port':" + (std::isdigit(static_cast<unsigned char>(port.port.front())) ? port.port : quoted(port.port)));
    if (port.end != 0) parts.push_back(fmt::format("'endPort':{}", port.end));
    std::string all;
    for (const auto& part : parts)
        all += (all.empty() ? "" : ",") + part;
    return "{" + all + "}";
}

std::string json(const std::vector<Rule>& rules, const std::string& peers)
{
    return list(rules, [&](const Rule& rule) {
        std::string all;
        if (!rule.peers.empty()) all = "'" + peers + "':" + list(rule.peers, [](const Peer& peer) { return json(peer); });
        if (!rule.ports.empty()) all += (all.empty() ? "" : ",") + ("'ports':" + list(rule.ports, [](const Port& port) { return json(port); }));
        return "{" + all + "}";
    });
}

constexpr const char* k_created = "'creationTimestamp':'2026-01-01T00:00:00Z'";

} // namespace

std::string state(const Cluster& cluster, const std::string& ns, const Labels& labels, Way way)
{
    return state(policies_on(cluster, ns, labels, way), way, cluster);
}

std::string state_of_any_pod(const Cluster& cluster, const std::string& ns, Way way)
{
    auto policies = policies_on(cluster, ns, {}, way);
    std::erase_if(policies, [](const auto* policy) { return !policy->pods.labels.empty() || !policy->pods.terms.empty(); });
    return state(policies, way, cluster);
}

bool allowed(const Cluster& cluster, const Pod& pod, Way way, const Remote& remote, const Listener& listener)
{
    const auto policies = policies_on(cluster, pod.ns, pod.labels, way);
    return policies.empty() || allowed_by(policies, way, cluster, remote, listener);
}

std::string json(const Namespace& ns)
{
    return fmt::format("{{'metadata':{{'name':'{}','labels':{},{}}},'status':{{'phase':'Active'}}}}", ns.name, json(ns.labels), k_created);
}

std::string json(const Pod& pod)
{
    return fmt::format("{{'metadata':{{'name':'{}','namespace':'{}','labels':{},{}}},'spec':{{'nodeName':'n','containers':[{{'name':'c',"
                       "'image':'registry.example.com/c:1'}}]}},'status':{{'phase':'Running'}}}}",
                       pod.name, pod.ns, json(pod.labels), k_created);
}

std::string json(const Policy& policy, const std::string& name)
{
    std::string spec = "'podSelector':" + json(policy.pods);
    if (policy.types) spec += ",'policyTypes':" + list(*policy.types, quoted);
    if (policy.ingress) spec += ",'ingress':" + json(*policy.ingress, "from");
    if (policy.egress) spec += ",'egress':" + json(*policy.egress, "to");
    return fmt::format("{{'metadata':{{'name':'{}','namespace':'{}',{}}},'spec':{{{}}}}}", name, policy.ns, k_created, spec);
}

} // namespace naive

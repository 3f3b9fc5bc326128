// SPDX-License-Identifier: Apache-2.0
#include "model/network/policy.hpp"

#include <algorithm>

#include "seaworthy/model/ip_block.hpp"

namespace seaworthy::model {
namespace {

Protocols every_port_of(const TrafficRule& rule)
{
    Protocols protocols = 0;
    for (const auto& port : rule.ports)
        if (port.is_every()) protocols |= port.protocols;
    return protocols;
}

void add(const TrafficPeer& peer, Protocols protocols, Cover& cover)
{
    const auto both = [&](Ends ends, const Octets& v4, const Octets& v6) {
        cover.sure.add(protocols, ends, v4, v6);
        cover.possible.add(protocols, ends, v4, v6);
    };
    const auto v4 = peer.v4 ? ~Octets{} : Octets{};
    const auto v6 = peer.v6 ? ~Octets{} : Octets{};
    switch (peer.kind) {
    case TrafficPeer::Kind::anybody: both(Ends::both, v4, v6); break;
    case TrafficPeer::Kind::outside: both(Ends::outside, v4, v6); break;
    case TrafficPeer::Kind::pods: {
        const auto whole = peer.pods.is_whole_cluster();
        if (whole == Match::yes) both(Ends::pods, v4, v6);
        if (whole == Match::unresolved) cover.possible.add(protocols, Ends::pods, v4, v6);
        break;
    }
    case TrafficPeer::Kind::block: {
        BlockCover block{peer.cidr};
        for (const auto except : peer.except)
            block.leave_out(except);
        both(peer.ends, block.v4() & v4, block.v6() & v6);
        break;
    }
    case TrafficPeer::Kind::unresolved: cover.possible.add(protocols, peer.ends, v4, v6); break;
    case TrafficPeer::Kind::somebody: break;
    }
}

Cover cover_of(const TrafficRule& rule, Protocols protocols)
{
    Cover cover;
    if (protocols == 0) return cover;
    for (const auto& peer : rule.peers)
        add(peer, protocols, cover);
    if (rule.partial) cover.sure.clear();
    return cover;
}

bool admits(const TrafficPort& port, const Connection& connection)
{
    if ((port.protocols & protocol_by_name(connection.protocol)) == 0) return false;
    if (!port.name.empty()) return port.name == connection.port_name;
    return port.is_every() || (connection.port >= port.first && connection.port <= port.last);
}

bool block_admits(const TrafficPeer& peer, std::string_view address)
{
    return cidr_contains(peer.cidr, address) && std::ranges::none_of(peer.except, [&](auto except) { return cidr_contains(except, address); });
}

/// Whether the peer is all of the connection's other end.
Match is_other_end(const TrafficPeer& peer, const TrafficRule& rule, const Connection& connection)
{
    using Kind = TrafficPeer::Kind;
    using Who = Connection::Who;
    if (peer.kind == Kind::anybody) return Match::yes;
    if (peer.kind == Kind::unresolved || peer.kind == Kind::somebody) return Match::unresolved;
    const auto yes_if = [](bool holds) { return holds ? Match::yes : Match::no; };
    switch (connection.who) {
    case Who::anybody:
        // To let in every pod or every address is to let in anybody; to keep one of the two out is not to keep out both.
        if (rule.action != PolicyAction::allow) return Match::no;
        if (peer.kind == Kind::pods) return peer.pods.is_whole_cluster();
        return yes_if(peer.kind == Kind::outside || is_every_address(peer.cidr));
    case Who::whole_namespace:
        return peer.kind == Kind::pods ? peer.pods.evaluate({.ns = connection.ns, .namespace_labels = connection.namespace_labels}) : Match::no;
    case Who::outside:
        return yes_if(peer.kind == Kind::outside || (peer.kind == Kind::block && std::ranges::any_of(connection.addresses, [&](auto address) {
                                                         return block_admits(peer, address);
                                                     })));
    case Who::pods: break;
    }
    if (peer.kind == Kind::pods)
        return peer.pods.evaluate({.ns = connection.ns,
                                   .namespace_labels = connection.namespace_labels,
                                   .labels = connection.labels,
                                   .service_account = connection.service_account});
    if (peer.kind == Kind::outside) return Match::no;
    // Where an API's blocks mean no pods, an address that no pod has may still be theirs: that of a cache on each node.
    const auto holds = [&](std::string_view address) { return block_admits(peer, address); };
    return yes_if((peer.ends == Ends::both && std::ranges::any_of(connection.addresses, holds)) ||
                  std::ranges::any_of(connection.node_addresses, holds));
}

} // namespace

Cover cover_of(const TrafficRule& rule)
{
    return cover_of(rule, every_port_of(rule));
}

Cover cover_of(const TrafficRule& rule, const Connection& connection)
{
    const bool there = std::ranges::any_of(rule.ports, [&](const TrafficPort& port) { return admits(port, connection); });
    return cover_of(rule, there ? protocol_by_name(connection.protocol) : Protocols{0});
}

Match covers(const TrafficRule& rule, const Connection& connection)
{
    if (std::ranges::none_of(rule.ports, [&](const TrafficPort& port) { return admits(port, connection); })) return Match::no;
    auto result = Match::no;
    for (const auto& peer : rule.peers) {
        const auto match = is_other_end(peer, rule, connection);
        if (match == Match::yes) result = Match::yes;
        if (match == Match::unresolved && result == Match::no) result = Match::unresolved;
    }
    return result == Match::yes && rule.partial ? Match::unresolved : result;
}

} // namespace seaworthy::model

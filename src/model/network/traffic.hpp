// SPDX-License-Identifier: Apache-2.0
// The space of connections that rules cut up: by protocol, by whether the other end is a pod or outside of the cluster, and by the first
// octet of its address. Rules that let a whole cell through count, those about a part of one do not: enough to see that blocks cover
// everything together (0.0.0.0/1 and 128.0.0.0/1), that a rule for each protocol does, and what a denial in between leaves.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

namespace seaworthy::model {

/// Addresses of one family by their first octet.
using Octets = std::bitset<256>;

using Protocols = std::uint8_t; ///< a set of these
inline constexpr Protocols k_tcp = 1;
inline constexpr Protocols k_udp = 2;
inline constexpr Protocols k_sctp = 4;
inline constexpr Protocols k_every_protocol = 7;

/// The set of one protocol by its name in any case; empty for another, such as ICMP.
[[nodiscard]] Protocols protocol_by_name(std::string_view name);

/// Which other ends.
enum class Ends : std::uint8_t { pods = 1, outside = 2, both = 3 };

class Traffic {
public:
    /// Everything between those ends.
    void add(Protocols protocols, Ends ends) { add(protocols, ends, ~Octets{}, ~Octets{}); }
    void add(Protocols protocols, Ends ends, const Octets& v4, const Octets& v6);

    [[nodiscard]] bool any() const { return m_cells.any(); }
    friend Traffic operator&(Traffic a, const Traffic& b) { return a.m_cells &= b.m_cells, a; }
    friend Traffic operator|(Traffic a, const Traffic& b) { return a.m_cells |= b.m_cells, a; }
    friend bool operator==(const Traffic&, const Traffic&) = default;
    void remove(const Traffic& other) { m_cells &= ~other.m_cells; }
    void clear() { m_cells.reset(); }

    [[nodiscard]] static Traffic everything();
    [[nodiscard]] static Traffic of(Ends ends);
    /// Every cell of one family between those ends; a cluster need not have both families.
    [[nodiscard]] static Traffic of(Ends ends, bool v6, Protocols protocols = k_every_protocol);
    [[nodiscard]] bool holds(const Traffic& other) const { return (other.m_cells & ~m_cells).none(); }

private:
    std::bitset<3 * 2 * 2 * 256> m_cells;
};

/// What the block covers of the first octets, without what `except` takes out: a hole that another block fills again stays one.
class BlockCover {
public:
    explicit BlockCover(std::string_view cidr);
    void leave_out(std::string_view cidr);
    [[nodiscard]] const Octets& v4() const { return m_v4; }
    [[nodiscard]] const Octets& v6() const { return m_v6; }

private:
    Octets m_v4;
    Octets m_v6;
};

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#include "model/network/traffic.hpp"

#include <algorithm>
#include <cctype>

#include "seaworthy/model/ip_block.hpp"

namespace seaworthy::model {
namespace {

bool equal_in_any_case(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

/// The octets that the block touches; one of at most eight bits covers them.
Octets octets_of(const PrefixBlock& block)
{
    const std::size_t count = block.length < 8 ? std::size_t{256} >> block.length : 1;
    return (~Octets{} >> (256 - count)) << (block.first / count * count);
}

} // namespace

Protocols protocol_by_name(std::string_view name)
{
    if (equal_in_any_case(name, "TCP")) return k_tcp;
    if (equal_in_any_case(name, "UDP")) return k_udp;
    return equal_in_any_case(name, "SCTP") ? k_sctp : Protocols{0};
}

void Traffic::add(Protocols protocols, Ends ends, const Octets& v4, const Octets& v6)
{
    for (std::size_t protocol = 0; protocol < 3; ++protocol) {
        if ((protocols & (1U << protocol)) == 0) continue;
        for (std::size_t end = 0; end < 2; ++end) {
            if ((static_cast<unsigned>(ends) & (1U << end)) == 0) continue;
            const auto base = (protocol * 2 + end) * 2 * 256;
            for (std::size_t octet = 0; octet < 256; ++octet) {
                if (v4[octet]) m_cells.set(base + octet);
                if (v6[octet]) m_cells.set(base + 256 + octet);
            }
        }
    }
}

Traffic Traffic::everything()
{
    Traffic all;
    all.m_cells.set();
    return all;
}

Traffic Traffic::of(Ends ends)
{
    Traffic traffic;
    traffic.add(k_every_protocol, ends);
    return traffic;
}

Traffic Traffic::of(Ends ends, bool v6, Protocols protocols)
{
    Traffic traffic;
    traffic.add(protocols, ends, v6 ? Octets{} : ~Octets{}, v6 ? ~Octets{} : Octets{});
    return traffic;
}

BlockCover::BlockCover(std::string_view cidr)
{
    const auto block = parse_block(cidr);
    if (!block || block->length > 8) return;
    (block->v6 ? m_v6 : m_v4) = octets_of(*block);
}

void BlockCover::leave_out(std::string_view cidr)
{
    if (const auto block = parse_block(cidr)) (block->v6 ? m_v6 : m_v4) &= ~octets_of(*block);
}

} // namespace seaworthy::model

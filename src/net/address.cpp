// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>

namespace seaworthy::net {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

/// The first `bits` of an address, IPv4 as ::ffff:a.b.c.d.
struct Block {
    Bytes prefix;
    unsigned bits;
};

constexpr Bytes v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
{
    return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d};
}
constexpr Bytes v6(std::uint8_t a, std::uint8_t b, std::uint8_t c = 0, std::uint8_t d = 0)
{
    return {a, b, c, d};
}

/// Link-local networks and the metadata services that clouds put elsewhere.
constexpr Block k_metadata[] = {
    {v4(169, 254, 0, 0), 112},                                                 // RFC 3927; AWS, GCP, Azure, OpenStack
    {v4(100, 100, 100, 200), 128},                                             // Alibaba Cloud
    {v4(168, 63, 129, 16), 128},                                               // Azure's wire server
    {v4(192, 0, 0, 192), 128},                                                 // Oracle Cloud
    {v6(0xFE, 0x80), 10},                                                      // RFC 4291
    {{0xFD, 0x00, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128}, // AWS
};

/// IANA's special-purpose registries, what is not globally reachable of them.
constexpr Block k_not_global[] = {
    {v4(0, 0, 0, 0), 104},      {v4(10, 0, 0, 0), 104},
    {v4(100, 64, 0, 0), 106}, // shared, RFC 6598
    {v4(127, 0, 0, 0), 104},    {v4(172, 16, 0, 0), 108},
    {v4(192, 0, 0, 0), 120},    {v4(192, 0, 2, 0), 120},
    {v4(192, 168, 0, 0), 112},  {v4(198, 18, 0, 0), 111},
    {v4(198, 51, 100, 0), 120}, {v4(203, 0, 113, 0), 120},
    {v4(224, 0, 0, 0), 100},               // multicast, reserved and broadcast
    {v4(240, 0, 0, 0), 100},    {{}, 127}, // :: and ::1
    {v6(0x01, 0x00), 64},       {v6(0x20, 0x01, 0x0D, 0xB8), 32},
    {v6(0xFC, 0x00), 7}, // unique local, RFC 4193
    {v6(0xFF, 0x00), 8},
};

constexpr Block k_nat64{{0x00, 0x64, 0xFF, 0x9B}, 96};
constexpr Block k_6to4{v6(0x20, 0x02), 16};

bool is_in(const Block& block, const Bytes& address)
{
    const auto whole = block.bits / 8;
    if (!std::equal(block.prefix.begin(), block.prefix.begin() + whole, address.begin())) return false;
    const auto rest = block.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
    return (block.prefix[whole] & mask) == (address[whole] & mask);
}

/// What a translated address leads to.
Bytes untranslated(const Bytes& address)
{
    if (is_in(k_nat64, address)) return v4(address[12], address[13], address[14], address[15]);
    if (is_in(k_6to4, address)) return v4(address[2], address[3], address[4], address[5]);
    return address;
}

} // namespace

bool allows(Reach reach, const sockaddr& address)
{
    if (reach == Reach::any) return true;
    Bytes bytes{};
    if (address.sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, &address, sizeof in);
        const auto host = ntohl(in.sin_addr.s_addr);
        bytes = v4(static_cast<std::uint8_t>(host >> 24U), static_cast<std::uint8_t>(host >> 16U), static_cast<std::uint8_t>(host >> 8U),
                   static_cast<std::uint8_t>(host));
    } else if (address.sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, &address, sizeof in);
        std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
        bytes = untranslated(bytes);
    } else {
        return false;
    }
    const auto holds = [&](const Block& block) { return is_in(block, bytes); };
    if (std::ranges::any_of(k_metadata, holds)) return false;
    return reach == Reach::no_metadata || std::ranges::none_of(k_not_global, holds);
}

} // namespace seaworthy::net

// SPDX-License-Identifier: Apache-2.0
#include "controls/ip_blocks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace seaworthy::controls {
namespace {

struct Address {
    std::array<unsigned char, 16> bytes{};
    unsigned bits = 0; ///< 32 or 128
};

std::optional<Address> parse(std::string_view text)
{
    Address address;
    const std::string terminated{text};
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1)
        address.bits = 32;
    else if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1)
        address.bits = 128;
    else
        return std::nullopt;
    return address;
}

bool shares_prefix(const Address& a, const Address& b, unsigned bits)
{
    const auto whole = bits / 8;
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole, b.bytes.begin())) return false;
    const auto rest = bits % 8;
    return rest == 0 || ((a.bytes[whole] ^ b.bytes[whole]) >> (8 - rest)) == 0;
}

} // namespace

bool cidr_contains(std::string_view cidr, std::string_view address)
{
    const auto slash = cidr.find('/');
    const auto network = parse(cidr.substr(0, slash));
    const auto wanted = parse(address);
    if (!network || !wanted || network->bits != wanted->bits) return false;
    auto length = network->bits;
    if (slash != std::string_view::npos) {
        const auto digits = cidr.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
        if (error != std::errc{} || end != digits.data() + digits.size() || length > network->bits) return false;
    }
    return shares_prefix(*network, *wanted, length);
}

bool block_admits(const model::NetworkPolicyPeer& peer, std::string_view address)
{
    return !peer.cidr.empty() && cidr_contains(peer.cidr, address) &&
           std::ranges::none_of(peer.except, [&](const Text& except) { return cidr_contains(except, address); });
}

} // namespace seaworthy::controls

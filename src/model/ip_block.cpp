// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/ip_block.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace seaworthy::model {
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

std::optional<PrefixBlock> parse_block(std::string_view cidr)
{
    const auto slash = cidr.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = parse(cidr.substr(0, slash));
    const auto digits = cidr.substr(slash + 1);
    PrefixBlock block;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), block.length);
    if (!address || error != std::errc{} || end != digits.data() + digits.size() || block.length > address->bits) return std::nullopt;
    block.v6 = address->bits == 128;
    block.first = address->bytes[0];
    return block;
}

bool is_every_address(std::string_view cidr)
{
    const auto block = parse_block(cidr);
    return block && block->length == 0;
}

} // namespace seaworthy::model

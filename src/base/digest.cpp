// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/digest.hpp"

#include <array>
#include <iterator>
#include <random>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace seaworthy {

std::string sha256(std::string_view bytes)
{
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

std::string sha256_hex(std::string_view bytes)
{
    std::string hex;
    for (const char byte : sha256(bytes))
        fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
    return hex;
}

std::string random_uuid()
{
    std::random_device device;
    std::array<std::uint32_t, 4> words{device(), device(), device(), device()};
    words[1] = (words[1] & 0xffff0fffU) | 0x00004000U;
    words[2] = (words[2] & 0x3fffffffU) | 0x80000000U;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16U, words[1] & 0xffffU, words[2] >> 16U, words[2] & 0xffffU,
                       words[3]);
}

} // namespace seaworthy

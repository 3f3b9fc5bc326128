// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/digest.hpp"

#include <array>
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
    // By hand: an audit asks for one a result, hundreds of thousands of times.
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * SHA256_DIGEST_LENGTH);
    for (const char c : sha256(bytes)) {
        const auto byte = static_cast<unsigned char>(c);
        hex += digits[byte >> 4U];
        hex += digits[byte & 0xFU];
    }
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

// SPDX-License-Identifier: Apache-2.0
#include "replay/stable_uid.hpp"

#include <fmt/format.h>

namespace seaworthy::replay {

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed)
{
    for (const char c : text)
        seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    // FNV's low bits alone are poor: mix them with the high ones.
    seed ^= seed >> 33U;
    seed *= 0xff51afd7ed558ccdULL;
    return seed ^ seed >> 29U;
}

std::string stable_uid(std::string_view text)
{
    const auto a = stable_hash(text);
    const auto b = stable_hash(text, a);
    return fmt::format("{:08x}-{:04x}-5{:03x}-a{:03x}-{:012x}", a >> 32U, a >> 16U & 0xffffU, a & 0xfffU, b >> 52U, b & 0xffffffffffffULL);
}

std::string stable_suffix(std::string_view text, std::size_t length)
{
    constexpr std::string_view k_letters = "bcdfghjklmnpqrstvwxz2456789";
    std::string suffix;
    for (auto hash = stable_hash(text); suffix.size() < length; hash = stable_hash(suffix, hash))
        suffix += k_letters[hash % k_letters.size()];
    return suffix;
}

} // namespace seaworthy::replay

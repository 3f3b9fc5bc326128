// SPDX-License-Identifier: Apache-2.0
#include "kube/base64.hpp"

#include <cstdint>

namespace seaworthy::kube {
namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::optional<std::string> base64_decode(std::string_view text)
{
    std::string result;
    std::uint32_t bits = 0;
    unsigned digits = 0;
    unsigned padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto value = k_alphabet.find(c);
        if (value == std::string_view::npos || padding > 0) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(value);
        if (++digits % 4 == 0)
            result += {static_cast<char>(bits >> 16U & 255U), static_cast<char>(bits >> 8U & 255U), static_cast<char>(bits & 255U)};
    }
    const unsigned rest = digits % 4;
    if (rest == 1 || padding > 2 || (digits + padding) % 4 != 0) return std::nullopt;
    if (rest == 2) result += static_cast<char>(bits >> 4U & 255U);
    if (rest == 3) result += {static_cast<char>(bits >> 10U & 255U), static_cast<char>(bits >> 2U & 255U)};
    return result;
}

} // namespace seaworthy::kube

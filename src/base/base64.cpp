// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/base64.hpp"

#include <cstdint>

namespace seaworthy {
namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

} // namespace

std::optional<std::string> decode_base64(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t at = 0; at < text.size(); at += 4) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padded = at + i >= text.size() - padding;
            const int value = padded ? 0 : sextet(text[at + i]);
            if (value < 0) return std::nullopt;
            group = group << 6U | static_cast<unsigned>(value);
        }
        for (const unsigned shift : {16U, 8U, 0U})
            bytes += static_cast<char>(group >> shift & 0xFFU);
    }
    bytes.resize(bytes.size() - padding);
    return bytes;
}

std::string encode_base64(std::string_view bytes)
{
    std::string result;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::string_view group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8U | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            result += k <= group.size() ? k_alphabet[bits >> (18U - 6U * k) & 63U] : '=';
    }
    return result;
}

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/printable.hpp"

#include <algorithm>
#include <cstdint>

namespace seaworthy {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";
constexpr std::string_view k_ellipsis = "\xE2\x80\xA6";

struct Character {
    std::uint32_t code = 0;
    std::size_t size = 0; ///< 0: no valid UTF-8 here
};

/// The next character (RFC 3629: shortest form, no surrogates, at most U+10FFFF). `text` is not empty.
Character next_character(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    std::uint32_t code = lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, size};
}

bool is_unsafe(std::uint32_t code)
{
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool separator = code == 0x2028 || code == 0x2029;
    const bool directional =
        code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return control || separator || directional;
}

} // namespace

std::string printable(std::string_view text, std::size_t max_bytes)
{
    // Nearly every text is plain ASCII.
    if (text.size() <= max_bytes && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return std::string{text};
    std::string result;
    while (!text.empty()) {
        const Character character = next_character(text);
        std::string_view piece = text.substr(0, character.size);
        if (character.code == '\t' || character.code == '\n' || character.code == '\r') {
            piece = " ";
        } else if (character.size == 0 || is_unsafe(character.code)) {
            piece = k_replacement;
        }
        if (result.size() + piece.size() > max_bytes) return result.append(k_ellipsis);
        result += piece;
        text.remove_prefix(character.size == 0 ? 1 : character.size);
    }
    return result;
}

} // namespace seaworthy

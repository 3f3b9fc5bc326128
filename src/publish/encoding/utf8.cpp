// SPDX-License-Identifier: Apache-2.0
#include "publish/encoding/utf8.hpp"

#include <algorithm>
#include <array>

namespace seaworthy::publish {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t size>
bool is_in(const std::array<Range, size>& ranges, char32_t value)
{
    return std::ranges::any_of(ranges, [value](const Range& range) { return value >= range.first && value <= range.last; });
}

constexpr std::array<Range, 9> k_invisible{{
    {0x00, 0x1F},
    {0x7F, 0x9F},
    {0xAD, 0xAD},
    {0x61C, 0x61C},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0xFEFF, 0xFEFF},
    {0xE0000, 0xE0FFF}, // tags
}};
constexpr std::array<Range, 5> k_combining{{{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE2F}}};
// Unicode's East_Asian_Width W and F, in coarse blocks.
constexpr std::array<Range, 8> k_wide{{
    {0x1100, 0x115F},
    {0x2E80, 0xA4CF},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0x1F300, 0x1FAFF},
    {0x20000, 0x3FFFD},
}};

} // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
    const auto lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - at < size) return {};
    char32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> k_least{0, 0, 0x80, 0x800, 0x10000};
    if (value < k_least[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
    return {value, size, true};
}

bool is_invisible(char32_t value)
{
    return is_in(k_invisible, value);
}

std::size_t column_width(char32_t value)
{
    if (value < 0x300) return 1;
    if (is_in(k_combining, value)) return 0;
    return is_in(k_wide, value) ? 2 : 1;
}

} // namespace seaworthy::publish

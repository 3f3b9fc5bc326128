// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace seaworthy::publish {

struct CodePoint {
    char32_t value = 0xFFFD;
    std::size_t size = 1; ///< bytes taken; 1 for a byte that does not begin a well-formed sequence
    bool valid = false;
};

/// The code point that begins at byte `at` (which must be inside `text`). Refuses overlong forms, surrogates and what lies above U+10FFFF.
[[nodiscard]] CodePoint decode_utf8(std::string_view text, std::size_t at);

/// Control characters, bidirectional formatting and zero-width characters: they change how a terminal shows other text.
[[nodiscard]] bool is_invisible(char32_t value);
/// Terminal columns of a visible character: 0 (combining), 1 or 2 (wide East Asian, emoji).
[[nodiscard]] std::size_t column_width(char32_t value);

} // namespace seaworthy::publish

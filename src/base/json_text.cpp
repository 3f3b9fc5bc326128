// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/json_text.hpp"

namespace seaworthy {

std::string json_quote(std::string_view text)
{
    constexpr std::string_view k_hex = "0123456789abcdef";
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += {'\\', c};
        } else if (byte < 0x20) {
            result += "\\u00";
            result += {k_hex[byte >> 4U], k_hex[byte & 15U]};
        } else {
            result += c;
        }
    }
    return result + '"';
}

} // namespace seaworthy

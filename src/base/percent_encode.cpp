// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/percent_encode.hpp"

namespace seaworthy {

std::string percent_encode(std::string_view text)
{
    constexpr std::string_view k_hex = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const bool unreserved =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += {'%', k_hex[byte >> 4U], k_hex[byte & 15U]};
    }
    return result;
}

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#include "controls/web_token.hpp"

#include <optional>
#include <string>

#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {

namespace {

std::optional<std::string> decode_base64url(std::string_view text)
{
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        std::uint32_t value = 0;
        if (c >= 'A' && c <= 'Z')
            value = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            value = static_cast<std::uint32_t>(c - 'a' + 26);
        else if (c >= '0' && c <= '9')
            value = static_cast<std::uint32_t>(c - '0' + 52);
        else if (c == '-')
            value = 62;
        else if (c == '_')
            value = 63;
        else
            return std::nullopt;
        bits = (bits << 6) | value;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<char>((bits >> held) & 0xFF));
    }
    return bytes;
}

} // namespace

bool is_usable_web_token(std::string_view token, Timestamp now)
{
    const auto first = token.find('.');
    if (first == std::string_view::npos) return false;
    const auto second = token.find('.', first + 1);
    if (second == std::string_view::npos) return false;
    const auto bytes = decode_base64url(token.substr(first + 1, second - first - 1));
    const auto payload = bytes ? model::JsonText::parse(*bytes) : std::nullopt;
    if (!payload || !payload->root()["sub"].exists()) return false;
    const auto& expires = payload->root()["exp"];
    return !expires.exists() || !now.known() || expires.number_or(0) >= static_cast<double>(now.unix_seconds());
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "replay/listing.hpp"

namespace seaworthy::replay {

namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string base64url(std::string_view bytes)
{
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6)
            text += k_alphabet[bits >> (count - 6) & 63U];
    }
    if (count > 0) text += k_alphabet[bits << (6 - count) & 63U];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const auto digit = k_alphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 255U);
    }
    return bytes;
}

} // namespace

std::string encode(const ContinueToken& token)
{
    const auto revision = token.revision == 0 ? std::int64_t{-1} : static_cast<std::int64_t>(token.revision);
    return base64url(Json{{"v", "meta.k8s.io/v1"}, {"rv", revision}, {"start", token.start}}.dump());
}

std::optional<ContinueToken> decode_token(std::string_view text)
{
    const auto bytes = from_base64url(text);
    if (!bytes) return std::nullopt;
    const auto json = Json::parse(*bytes, nullptr, false);
    if (!json.is_object() || !json.contains("rv") || !json["rv"].is_number_integer()) return std::nullopt;
    const auto revision = json["rv"].get<std::int64_t>();
    return ContinueToken{revision < 0 ? 0 : static_cast<std::uint64_t>(revision), text_at(json, "start")};
}

} // namespace seaworthy::replay

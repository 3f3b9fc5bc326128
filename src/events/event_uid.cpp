// SPDX-License-Identifier: Apache-2.0
#include "events/event_uid.hpp"

#include <cstddef>

#include "seaworthy/base/digest.hpp"

namespace seaworthy::events {

std::string event_uid(std::initializer_list<std::string_view> parts)
{
    std::string text;
    for (const auto part : parts) {
        // With its length, so that no two lists of parts make the same text.
        text += std::to_string(part.size());
        text += ':';
        text += part;
    }
    auto bytes = sha256(text).substr(0, 16);
    const auto put = [&](std::size_t at, unsigned keep, unsigned set) {
        bytes[at] = static_cast<char>((static_cast<unsigned char>(bytes[at]) & keep) | set);
    };
    put(6, 0x0F, 0x80); // version 8
    put(8, 0x3F, 0x80); // RFC 9562 §4.1
    constexpr std::string_view digits = "0123456789abcdef";
    std::string uid;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
        const auto byte = static_cast<unsigned char>(bytes[i]);
        uid += digits[byte >> 4U];
        uid += digits[byte & 0xFU];
    }
    return uid;
}

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace seaworthy::events {

/// An RFC 9562 version 8 UUID made of the SHA-256 of the parts: the same parts have the same uid everywhere.
[[nodiscard]] std::string event_uid(std::initializer_list<std::string_view> parts);

} // namespace seaworthy::events

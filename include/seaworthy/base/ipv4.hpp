// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy {

/// An IPv4 address in host order: 0x0A010203 of `10.1.2.3`. 0 for anything else.
[[nodiscard]] std::uint32_t parse_ipv4(std::string_view text);

} // namespace seaworthy

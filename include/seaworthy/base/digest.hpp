// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy {

/// SHA-256: 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);
/// SHA-256 in lower-case hex.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// A random RFC 4122 version 4 UUID.
[[nodiscard]] std::string random_uuid();

} // namespace seaworthy

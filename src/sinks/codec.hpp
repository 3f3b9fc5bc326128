// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"

namespace seaworthy::sinks {

/// RFC 2104 with SHA-256: 32 raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);
[[nodiscard]] std::string hex(std::string_view bytes);
/// RFC 1952.
[[nodiscard]] std::string gzip(std::string_view bytes);
/// `text` as a JSON string with its quotes; broken UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

} // namespace seaworthy::sinks

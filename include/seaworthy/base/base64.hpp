// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seaworthy {

/// RFC 4648 base64 with padding, as in the JSON of Kubernetes' []byte fields; nothing for anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
/// The same, the other way.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::kube {

/// RFC 4648 §4; line breaks and spaces are skipped, anything else foreign gives nothing.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::controls {

/// True if a JSON Web Token (RFC 7519) names a subject and has not run out: somebody could still act with it. False for what is no token.
[[nodiscard]] bool is_usable_web_token(std::string_view token, Timestamp now);

} // namespace seaworthy::controls

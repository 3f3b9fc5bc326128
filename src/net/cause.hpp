// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <curl/curl.h>

#include "seaworthy/net/client.hpp"

namespace seaworthy::net {

/// What libcurl's verdict on a finished transfer means. `words` is its error buffer.
[[nodiscard]] Cause classify(CURL* easy, CURLcode code, std::string_view words);

} // namespace seaworthy::net

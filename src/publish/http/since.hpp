// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/base/error.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/publish/history.hpp"

namespace seaworthy::publish {

/// The parameter `since`: a length (`24h`, `7d`; at least an hour, since changes are counted by the hour), a day (`2026-11-24`, from its begin in
/// UTC) or a moment (RFC 3339) before now. Not there: a day. The error says what is allowed.
[[nodiscard]] Result<Since> parse_since(const http::Request& request, Timestamp now);

} // namespace seaworthy::publish

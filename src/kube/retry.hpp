// SPDX-License-Identifier: Apache-2.0
// When a failed request is tried again. Pure, so that tests need neither time nor a server.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "seaworthy/net/client.hpp"

namespace seaworthy::kube {

/// The pause after the n-th failure in a row (n counts from 1): 0.8 s doubling to 30 s, full jitter. `random` is in [0, 1).
[[nodiscard]] std::chrono::milliseconds backoff(unsigned failures, double random);

/// What the server asked for, and up to half of it more, so that clients do not come back at once.
[[nodiscard]] std::chrono::milliseconds stretch(std::chrono::seconds retry_after, double random);

/// Retry-After in seconds (RFC 9110 §10.2.3), at most two minutes; dates are not read, Kubernetes sends none.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

/// True for failures that may pass: the network's, not those of names, certificates or our own request.
[[nodiscard]] bool is_transient(net::Cause cause);

/// True for 408, 429 and server errors that may pass.
[[nodiscard]] bool is_transient(int status);

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/publish/delivery.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::app {

/// What `seaworthy sinks` may ask of the running daemon. Called from the workers of the control socket; an Error of kind not_found names a
/// sink that is not configured.
struct SinkOperations {
    std::function<publish::DeliveryFacts()> facts;
    std::function<Result<std::string>(const std::string& sink)> test; ///< in words, how the receiver took a marked event; an Error: it did not
    std::function<Result<std::vector<state::Parked>>(const std::string& sink)> parked;
    std::function<Result<std::int64_t>(const std::string& sink)> retry_parked; ///< how many
    std::function<Result<std::int64_t>(const std::string& sink)> drop_parked;
};

/// One request of the control socket:
///
///     GET  /v1/sinks                        {"sinks": [{name, type, state, …}], "spool": {bytes, capacityBytes}}
///     POST /v1/sinks/<name>/test            {"explanation": "…"}
///     GET  /v1/sinks/<name>/parked          {"parked": [{sequence, uid, code, check, namespace, reason, status, at}]}
///     POST /v1/sinks/<name>/parked/retry    {"count": 2}
///     POST /v1/sinks/<name>/parked/drop     {"count": 2}
///
/// Errors are RFC 9457 problem documents.
[[nodiscard]] http::Reply answer_sink_request(const http::Request& request, const SinkOperations& operations);

} // namespace seaworthy::app

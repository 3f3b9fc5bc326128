// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/json.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

/// Takes the next piece of a body; false: nobody wants more.
using Emit = std::function<bool(std::string_view)>;

/// What the API says, before it is put on the wire.
struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<http::Field> headers;
    std::string body;
    std::function<bool(const Emit&)> produce; ///< in place of `body`: a list, piece by piece
    std::size_t at_least_bytes = 0;           ///< of a produced body, as far as that is known beforehand
};

/// A metav1.Status of kind Failure.
struct Failure {
    int code = 500;
    std::string reason;
    std::string message;
    Json details = nullptr;
    std::string continue_token;
};
[[nodiscard]] Answer failed(const Failure& failure);
/// What Kubernetes calls an HTTP status ("TooManyRequests").
[[nodiscard]] std::string_view reason_of(int status);

[[nodiscard]] Answer json_answer(const Json& document, int status = 200);
/// What the mux says to a path that it does not know.
[[nodiscard]] Answer page_not_found();

/// Puts an answer on the wire as kube-apiserver does: indented for browsers, curl and wget, gzip over 128 KiB when asked for, lists
/// chunked; then what `fault` asks for, and no faster than `megabytes_per_second` (0: as fast as it goes).
[[nodiscard]] http::Reply on_the_wire(const http::Request& request, Answer answer, const std::optional<Fault>& fault, double megabytes_per_second);

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#include "replay/answer.hpp"

#include <utility>

#include <fmt/format.h>

namespace seaworthy::replay {

std::string_view reason_of(int status)
{
    switch (status) {
    case 400: return "BadRequest";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "NotFound";
    case 405: return "MethodNotAllowed";
    case 406: return "NotAcceptable";
    case 409: return "Conflict";
    case 410: return "Expired";
    case 422: return "Invalid";
    case 429: return "TooManyRequests";
    case 500: return "InternalError";
    case 503: return "ServiceUnavailable";
    case 504: return "Timeout";
    default: return "";
    }
}

Answer failed(const Failure& failure)
{
    Json status = {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Failure"}};
    if (!failure.continue_token.empty()) status["metadata"]["continue"] = failure.continue_token;
    status["message"] = failure.message;
    status["reason"] = failure.reason.empty() ? std::string{reason_of(failure.code)} : failure.reason;
    if (!failure.details.is_null()) status["details"] = failure.details;
    status["code"] = failure.code;
    return json_answer(status, failure.code);
}

Answer json_answer(const Json& document, int status)
{
    Answer answer;
    answer.status = status;
    answer.body = document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return answer;
}

Answer page_not_found()
{
    return {.status = 404, .content_type = "text/plain; charset=utf-8", .body = "404 page not found\n"};
}

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#include "kube/exchange.hpp"

#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {
namespace {

model::Reason reason_of(net::Cause cause)
{
    switch (cause) {
    case net::Cause::timeout: return model::Reason::timeout;
    case net::Cause::too_large:
    case net::Cause::truncated: return model::Reason::truncated;
    default: return model::Reason::unavailable;
    }
}

model::Reason reason_of(int status)
{
    switch (status) {
    case 403: return model::Reason::forbidden;
    case 404:
    case 405:
    case 406: return model::Reason::not_served;
    case 410: return model::Reason::truncated; // the list could not be read to its end
    default: return model::Reason::unavailable;
    }
}

} // namespace

ReadFailure transport_failure(const std::string& url, const net::Outcome& outcome)
{
    ReadFailure failure;
    failure.cause = outcome.cause;
    failure.status = outcome.head.status;
    failure.outcome = outcome;
    failure.message = net::describe(url, outcome).message;
    failure.reason = reason_of(outcome.cause);
    return failure;
}

ReadFailure refusal(int status, const StatusAnswer& answer)
{
    ReadFailure failure;
    failure.status = status;
    failure.reason = reason_of(status);
    failure.message = answer.message.empty() ? "the server answered with status " + std::to_string(status) : printable(answer.message);
    return failure;
}

} // namespace seaworthy::kube

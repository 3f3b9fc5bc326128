// SPDX-License-Identifier: Apache-2.0
#include "app/sink_control.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t k_milliseconds = 1000;

http::Reply json_reply(int status, const char* content_type, const Json& document)
{
    return http::Reply::of(status, content_type, document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

http::Reply ok(const Json& document)
{
    return json_reply(200, "application/json", document);
}

http::Reply problem(const Error& error)
{
    const int status = error.kind == Error::Kind::not_found ? 404 : error.kind == Error::Kind::usage ? 405 : 502;
    return json_reply(status, "application/problem+json", {{"title", error.message}, {"status", status}, {"detail", error.hint}});
}

std::string moment(double unix_seconds)
{
    return format_rfc3339(Timestamp{static_cast<std::int64_t>(unix_seconds)});
}

Json describe(const publish::SinkFacts& sink)
{
    Json out{
        {"name", sink.name},     {"type", sink.type},   {"state", sink.state}, {"queueLength", sink.queue_length}, {"queueBytes", sink.queue_bytes},
        {"parked", sink.parked}, {"tries", sink.events}};
    if (sink.last_success) out["lastSuccess"] = moment(*sink.last_success);
    if (sink.oldest) out["oldestWaiting"] = moment(*sink.oldest);
    if (!sink.last_error.empty()) out["lastError"] = sink.last_error;
    for (const auto& [reason, count] : sink.failures)
        out["failures"][reason] = count;
    for (const auto& [reason, count] : sink.dropped)
        out["dropped"][reason] = count;
    return out;
}

http::Reply list(const SinkOperations& operations)
{
    const auto facts = operations.facts();
    auto sinks = Json::array();
    for (const auto& sink : facts.sinks)
        sinks.push_back(describe(sink));
    return ok(
        {{"sinks", sinks},
         {"spool", {{"bytes", facts.spool_bytes}, {"capacityBytes", facts.spool_capacity_bytes}, {"writeFailures", facts.spool_write_failures}}}});
}

http::Reply test(const SinkOperations& operations, const std::string& sink)
{
    const auto explanation = operations.test(sink);
    return explanation ? ok({{"explanation", *explanation}}) : problem(explanation.error());
}

http::Reply parked(const SinkOperations& operations, const std::string& sink)
{
    const auto rows = operations.parked(sink);
    if (!rows) return problem(rows.error());
    auto out = Json::array();
    for (const auto& row : *rows)
        out.push_back({{"sequence", row.event.sequence},
                       {"uid", row.event.uid},
                       {"code", row.event.code},
                       {"check", row.event.check},
                       {"namespace", row.event.ns},
                       {"reason", row.reason},
                       {"status", row.status},
                       {"at", format_rfc3339(Timestamp{row.at / k_milliseconds})}});
    return ok({{"parked", out}});
}

http::Reply count(const Result<std::int64_t>& result)
{
    return result ? ok({{"count", *result}}) : problem(result.error());
}

struct Route {
    std::string_view method;
    std::string_view action; ///< after the sink's name
    http::Reply (*answer)(const SinkOperations&, const std::string& sink);
};

constexpr std::array k_routes{
    Route{"POST", "/test", test},
    Route{"GET", "/parked", parked},
    Route{"POST", "/parked/retry", [](const SinkOperations& operations, const std::string& sink) { return count(operations.retry_parked(sink)); }},
    Route{"POST", "/parked/drop", [](const SinkOperations& operations, const std::string& sink) { return count(operations.drop_parked(sink)); }},
};

constexpr std::string_view k_root = "/v1/sinks";

} // namespace

http::Reply answer_sink_request(const http::Request& request, const SinkOperations& operations)
{
    const std::string_view path = request.path;
    if (path == k_root && request.method == "GET") return list(operations);
    if (path.starts_with(k_root) && path.size() > k_root.size() + 1 && path[k_root.size()] == '/') {
        const auto rest = path.substr(k_root.size() + 1);
        const auto slash = std::min(rest.find('/'), rest.size());
        for (const auto& route : k_routes) {
            if (rest.substr(slash) != route.action) continue;
            if (request.method == route.method) return route.answer(operations, std::string{rest.substr(0, slash)});
            return problem({Error::Kind::usage, "this takes " + std::string{route.method} + " only", {}});
        }
    }
    return problem({Error::Kind::not_found, "the control socket has no " + request.method + " " + request.path, {}});
}

} // namespace seaworthy::app

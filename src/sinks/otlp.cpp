// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sinks/codec.hpp"
#include "sinks/dialect.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Json = nlohmann::json;

constexpr int k_bad_gateway = 502;
constexpr int k_unavailable = 503;
constexpr int k_gateway_timeout = 504;

/// OTLP specification §"OTLP/HTTP Request": an ExportLogsServiceRequest in protobuf's JSON mapping.
tl::expected<Draft, Delivery> build(const Job& job)
{
    const auto records = render(job.events, events::Format::otlp);
    if (!records) return tl::make_unexpected(records.error());
    std::string attributes = R"({"key":"service.name","value":{"stringValue":"seaworthy"}})";
    for (const auto& [name, value] : job.sink.fields)
        attributes += fmt::format(R"(,{{"key":{},"value":{{"stringValue":{}}}}})", json_string(name), json_string(value));
    Draft draft;
    draft.path = "/v1/logs";
    draft.content_type = "application/json";
    draft.gzip = job.sink.gzip;
    draft.body = fmt::format(R"({{"resourceLogs":[{{"resource":{{"attributes":[{}]}},"scopeLogs":[{{"scope":{{"name":"seaworthy"}},"logRecords":[)",
                             attributes);
    for (std::size_t i = 0; i < records->size(); ++i)
        draft.body += (i == 0 ? "" : ",") + (*records)[i];
    draft.body += "]}]}]}";
    return draft;
}

/// 64-bit numbers are strings in protobuf's JSON mapping, and numbers are to be accepted too.
std::int64_t count_of(const Json& value)
{
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_string()) return 0;
    const auto text = value.get<std::string>();
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

/// §"Partial Success" and §"Failures": what was rejected in part must not be sent again, nor must a request with an answer of 5xx but three.
Delivery judge(const Job& job, const HttpEngine& engine, const Reply& reply)
{
    auto delivery = judge_by_status(engine, reply);
    const auto sent = std::ssize(job.events);
    if (delivery.answer == Answer::delivered) {
        const auto json = Json::parse(reply.body, nullptr, false);
        if (!json.is_object() || !json.contains("partialSuccess") || !json["partialSuccess"].is_object()) return delivery;
        const auto& partial = json["partialSuccess"];
        delivery.rejected = std::clamp<std::int64_t>(count_of(partial.value("rejectedLogRecords", Json{})), 0, sent);
        if (delivery.rejected > 0) {
            const auto message = partial.find("errorMessage");
            delivery.reason = "partial_success";
            delivery.detail =
                engine.clean(fmt::format("{} of {} log records rejected: {}", delivery.rejected, sent,
                                         message != partial.end() && message->is_string() ? message->get<std::string>() : "no reason given"));
        }
        return delivery;
    }
    const bool may_repeat = reply.status == k_bad_gateway || reply.status == k_unavailable || reply.status == k_gateway_timeout;
    if (reply.status >= 500 && !may_repeat) {
        delivery.answer = Answer::delivered;
        delivery.rejected = sent;
    }
    return delivery;
}

} // namespace

const Dialect k_otlp{config::Sink::Type::otlp, &build, &judge};

} // namespace seaworthy::sinks

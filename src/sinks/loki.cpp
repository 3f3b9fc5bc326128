// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>

#include <fmt/format.h>

#include "sinks/codec.hpp"
#include "sinks/dialect.hpp"
#include "sinks/http_transport.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

constexpr int k_no_content = 204;
constexpr int k_bad_request = 400;
/// A stream whose last line is newer refuses lines older than half of max_chunk_age (2 h by default) before it.
constexpr state::Milliseconds k_oldest = 45 * 60 * 1000;

std::string_view severity_label(int severity)
{
    constexpr std::array<std::string_view, 6> k_names{"unknown", "info", "low", "medium", "high", "critical"};
    return severity >= 0 && severity < std::ssize(k_names) ? k_names[static_cast<std::size_t>(severity)] : "unknown";
}

/// What distinguishes streams has few values; the rest is structured metadata.
std::string labels_of(const config::Sink& sink, const state::EventRow& event)
{
    std::map<std::string, std::string> labels = sink.fields;
    labels.try_emplace("app", "seaworthy");
    labels["class"] = event.event_class;
    labels["severity"] = severity_label(event.severity);
    std::string text;
    for (const auto& [name, value] : labels)
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json_string(name), json_string(value));
    return text;
}

std::string metadata_of(const state::EventRow& event)
{
    std::string text = fmt::format(R"("uid":{})", json_string(event.uid));
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) text += fmt::format(R"(,"{}":{})", name, json_string(value));
    };
    add("finding", event.finding);
    add("control", event.control);
    add("check", event.check);
    return text;
}

/// Loki HTTP API, "Ingest logs": nanoseconds are a string.
tl::expected<Draft, Delivery> build(const Job& job)
{
    const auto texts = render(job.events, format_of(job.sink, events::Format::ocsf));
    if (!texts) return tl::make_unexpected(texts.error());
    std::map<std::string, std::string> streams;
    for (std::size_t i = 0; i < texts->size(); ++i) {
        const auto& event = job.events[i];
        const bool too_old = event.created < job.now - k_oldest;
        const auto time = job.restamp || too_old ? job.now : event.created;
        auto& values = streams[labels_of(job.sink, event)];
        values += fmt::format(R"({}["{}000000",{},{{{}}}])", values.empty() ? "" : ",", time, json_string((*texts)[i]), metadata_of(event));
    }
    Draft draft;
    draft.path = "/loki/api/v1/push";
    draft.content_type = "application/json";
    draft.gzip = job.sink.gzip;
    if (!job.sink.tenant.empty()) draft.headers.push_back({"X-Scope-OrgID", job.sink.tenant});
    for (const auto& [labels, values] : streams)
        draft.body += fmt::format(R"({}{{"stream":{{{}}},"values":[{}]}})", draft.body.empty() ? R"({"streams":[)" : ",", labels, values);
    draft.body += "]}";
    return draft;
}

/// 204 alone says that the lines were taken: where ingestion is blocked, Loki answers 260 or what its operator set, 200 perhaps.
Delivery judge(const Job& job, const HttpEngine& engine, const Reply& reply)
{
    auto delivery = judge_by_status(engine, reply);
    if (delivery.answer == Answer::delivered && reply.status != k_no_content) {
        delivery.answer = Answer::sink_fault;
        delivery.reason = "blocked";
        delivery.detail = engine.clean(fmt::format("HTTP {}: ingestion seems to be blocked {}", reply.status, reply.body));
    }
    const auto says = [&](std::string_view words) { return reply.body.find(words) != std::string::npos; };
    const bool is_old = reply.status == k_bad_request && (says("too far behind") || says("timestamp too old") || says("out of order"));
    // The other lines of the batch were taken; once more with the present time brings the rest. Never twice: that is no loop.
    if (is_old && !job.restamp) {
        delivery.answer = Answer::transient;
        delivery.reason = k_too_old;
    }
    return delivery;
}

} // namespace

const Dialect k_loki{config::Sink::Type::loki, &build, &judge};

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sinks/dialect.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

constexpr int k_ok = 200;

/// Sumo Logic documentation, "Upload Logs to an HTTP Source": one event a line; metadata in headers.
tl::expected<Draft, Delivery> build(const Job& job)
{
    const auto texts = render(job.events, format_of(job.sink, events::Format::ocsf));
    if (!texts) return tl::make_unexpected(texts.error());
    Draft draft;
    draft.content_type = "application/x-ndjson";
    draft.gzip = job.sink.gzip;
    for (const auto& text : *texts)
        draft.body += text + '\n';
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) draft.headers.push_back({name, value});
    };
    add("X-Sumo-Name", job.sink.source);
    add("X-Sumo-Host", job.sink.host);
    add("X-Sumo-Category", job.sink.category);
    std::string fields;
    for (const auto& [name, value] : job.sink.fields)
        fields += fmt::format("{}{}={}", fields.empty() ? "" : ",", name, value);
    add("X-Sumo-Fields", fields);
    return draft;
}

/// Same documentation, "Error codes": 408 and 429 mean that the events have to be sent again. A 200 does not tell of an exhausted ingest budget.
Delivery judge(const Job& /*job*/, const HttpEngine& engine, const Reply& reply)
{
    auto delivery = judge_by_status(engine, reply);
    if (delivery.answer == Answer::delivered && reply.status != k_ok) delivery.answer = Answer::sink_fault;
    return delivery;
}

} // namespace

const Dialect k_sumologic{config::Sink::Type::sumologic, &build, &judge};

} // namespace seaworthy::sinks

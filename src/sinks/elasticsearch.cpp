// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/net/url.hpp"
#include "sinks/codec.hpp"
#include "sinks/dialect.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Json = nlohmann::json;

constexpr int k_ok = 200;
constexpr int k_conflict = 409;
constexpr std::uint64_t k_answer_bytes = 16U << 20U; ///< 10,000 items with reasons

/// `create` is the only action that data streams take; the event's uid as _id makes a second delivery a conflict instead of a second document.
tl::expected<Draft, Delivery> build(const Job& job)
{
    const auto format = format_of(job.sink, events::Format::ecs);
    const auto texts = render(job.events, format);
    if (!texts) return tl::make_unexpected(texts.error());
    Draft draft;
    draft.path = fmt::format("/{}/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason", percent_encode(job.sink.index));
    draft.content_type = "application/x-ndjson";
    draft.authorization = Authorization::api_key;
    draft.gzip = job.sink.gzip;
    draft.max_answer_bytes = k_answer_bytes;
    for (std::size_t i = 0; i < texts->size(); ++i) {
        draft.body += fmt::format("{{\"create\":{{\"_id\":{}}}}}\n", json_string(job.events[i].uid));
        // A data stream takes no document without @timestamp, which OCSF does not have.
        if (format == events::Format::ocsf) {
            draft.body += fmt::format("{{\"@timestamp\":{},{}\n", job.events[i].created, std::string_view{(*texts)[i]}.substr(1));
        } else {
            draft.body += (*texts)[i] + '\n';
        }
    }
    return draft;
}

/// The status of one item: {"create": {"status": 201}}; 0 for anything else.
int status_of(const Json& item)
{
    if (!item.is_object() || item.empty() || !item.begin()->is_object()) return 0;
    const auto found = item.begin()->find("status");
    return found != item.begin()->end() && found->is_number_integer() ? found->get<int>() : 0;
}

std::string error_of(const Json& item)
{
    const auto error = item.begin()->find("error");
    return error == item.begin()->end() ? std::string{} : error->dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Bulk API, "Response body": HTTP 200 says only that the request was read; each item has a status of its own.
Delivery judge(const Job& job, const HttpEngine& engine, const Reply& reply)
{
    auto delivery = judge_by_status(engine, reply);
    if (delivery.answer != Answer::delivered) return delivery;
    const auto json = Json::parse(reply.body, nullptr, false);
    const bool answers = reply.status == k_ok && json.is_object() && json.contains("errors") && json["errors"].is_boolean();
    if (!answers) {
        delivery.answer = Answer::sink_fault;
        delivery.reason = "no_bulk_answer";
        delivery.detail = engine.clean(fmt::format("HTTP {}, but not a bulk answer: {}", reply.status, reply.body));
        return delivery;
    }
    if (json["errors"] == false) return delivery;
    const auto items = json.value("items", Json::array());
    if (!items.is_array() || items.size() != job.events.size()) {
        // Which events are in is unknown. Sent again, those that are will be conflicts.
        delivery.answer = Answer::transient;
        delivery.reason = "bulk_items";
        delivery.detail = "the bulk answer has not one item an event";
        return delivery;
    }
    for (const auto& item : items) {
        const int status = status_of(item);
        const auto answer = status == k_conflict ? Answer::delivered : status == 0 ? Answer::transient : answer_of(status);
        delivery.items.push_back(answer);
        if (answer == Answer::delivered) continue;
        // One reason stands for all; that of a refused event is what parked ones are explained by.
        if (delivery.detail.empty() || (answer == Answer::event_fault && delivery.reason != "item_400")) {
            delivery.status = status;
            delivery.reason = fmt::format("item_{}", status);
            delivery.detail = engine.clean(status == 0 ? "an item without a status" : fmt::format("item status {}: {}", status, error_of(item)));
        }
    }
    return delivery;
}

} // namespace

const Dialect k_elasticsearch{config::Sink::Type::elasticsearch, &build, &judge};

} // namespace seaworthy::sinks

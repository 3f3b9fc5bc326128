// SPDX-License-Identifier: Apache-2.0
#include "sinks/hec.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seaworthy/base/digest.hpp"
#include "sinks/codec.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Json = nlohmann::json;

constexpr std::string_view k_event_path = "/services/collector/event";
constexpr std::string_view k_ack_path = "/services/collector/ack";
constexpr milliseconds k_ack_interval{2'000};
constexpr int k_most_doublings = 8;
constexpr int k_ok = 200;

std::int64_t number(const Json& json, const char* name, std::int64_t otherwise)
{
    if (!json.is_object()) return otherwise;
    const auto found = json.find(name);
    return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

/// The collector's codes say more than its HTTP status.
Answer answer_of_code(std::int64_t code, Answer otherwise)
{
    switch (code) {
    case 1:  // token disabled
    case 2:  // token required
    case 3:  // invalid authorization
    case 4:  // invalid token
    case 7:  // incorrect index: it is the sink's, the same for every event; the event that the answer names is counted from 1 here
    case 10: // data channel missing
    case 11: // invalid data channel
    case 14: // acknowledgement disabled
    case 16: // query string authorization
    case 21: // token unusable
    case 22: return Answer::sink_fault;
    case 6:                              // invalid data format
    case 12:                             // event field required
    case 13:                             // event field blank
    case 15: return Answer::event_fault; // indexed fields
    case 8:                              // internal error
    case 9:                              // busy
    case 18:
    case 19:
    case 20: return Answer::transient; // queues or acknowledgements unavailable
    default: return otherwise;
    }
}

bool is_about_token(std::int64_t code)
{
    return code >= 1 && code <= 4;
}

} // namespace

Hec::Hec(const config::Sink& sink, const std::string& user_agent, std::function<Clock::time_point()> now)
    : m_sink(sink), m_engine(sink, user_agent), m_now(std::move(now)), m_channel(random_uuid())
{}

milliseconds Hec::confirm_interval() const
{
    // A collector that does not answer is asked more and more seldom; what it says comes too late to matter after the timeout.
    return std::min(k_ack_interval * (1 << std::min(m_poll_failures, k_most_doublings)), m_sink.ack_timeout / 4);
}

tl::expected<Draft, Delivery> Hec::draft(std::span<const state::EventRow> events) const
{
    const auto format = format_of(m_sink, events::Format::ocsf);
    const auto texts = render(events, format);
    if (!texts) return tl::make_unexpected(texts.error());
    std::string head;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) head += fmt::format(R"("{}":{},)", name, json_string(value));
    };
    add("host", m_sink.host);
    add("source", m_sink.source);
    add("sourcetype", m_sink.sourcetype.empty() ? fmt::format("seaworthy:{}", events::name(format)) : m_sink.sourcetype);
    add("index", m_sink.index);
    if (!m_sink.fields.empty()) {
        std::string fields;
        for (const auto& [name, value] : m_sink.fields)
            fields += fmt::format("{}{}:{}", fields.empty() ? "" : ",", json_string(name), json_string(value));
        head += fmt::format(R"("fields":{{{}}},)", fields);
    }
    Draft draft;
    draft.path = k_event_path;
    draft.content_type = "application/json";
    draft.gzip = m_sink.gzip;
    draft.authorization = Authorization::splunk;
    // Objects one after the other, not an array.
    for (std::size_t i = 0; i < events.size(); ++i)
        draft.body += fmt::format(R"({{"time":{}.{:03},{}"event":{}}})", events[i].created / 1000, events[i].created % 1000, head, (*texts)[i]);
    if (m_sink.ack) draft.headers.push_back({"X-Splunk-Request-Channel", m_channel});
    return draft;
}

Delivery Hec::send(std::span<const state::EventRow> events, const std::stop_token& stop)
{
    auto request = draft(events);
    if (!request) return request.error();
    const auto reply = m_engine.post(std::move(*request), stop);
    return reply ? judge(events, *reply) : reply.error();
}

Delivery Hec::judge(std::span<const state::EventRow> events, const Reply& reply)
{
    auto delivery = judge_by_status(m_engine, reply);
    const auto json = Json::parse(reply.body, nullptr, false);
    const auto code = number(json, "code", -1);
    if (reply.status != k_ok) {
        if (delivery.answer == Answer::delivered) delivery.answer = Answer::sink_fault; // no other success is documented
        delivery.answer = answer_of_code(code, delivery.answer);
        if (code >= 0) delivery.reason = is_about_token(code) ? "token" : fmt::format("hec_{}", code);
        // Events are read one by one: those before this one were taken, whatever the status says of the request.
        const auto taken = number(json, "invalid-event-number", 0);
        const bool counts = delivery.answer == Answer::event_fault || delivery.answer == Answer::transient;
        // With acknowledgements they have no id to ask for: nobody would ever know whether they were indexed.
        if (counts && !m_sink.ack && taken > 0 && taken < std::ssize(events)) delivery.accepted_first = static_cast<std::size_t>(taken);
        return delivery;
    }
    if (code != 0) {
        delivery.answer = answer_of_code(code, Answer::sink_fault);
        delivery.reason = code < 0 ? "no_collector" : fmt::format("hec_{}", code);
        delivery.detail = m_engine.clean(fmt::format("HTTP 200, but not a collector's answer: {}", reply.body));
        return delivery;
    }
    if (!m_sink.ack) return delivery;
    const auto id = number(json, "ackId", -1);
    if (id < 0) {
        delivery.answer = Answer::sink_fault;
        delivery.reason = "no_ack_id";
        delivery.detail = "the token has no indexer acknowledgement: enable it there, or set ack.enabled to false";
        return delivery;
    }
    // An event of a test is in no store: nobody asks what became of it.
    if (events.back().sequence > 0) m_outstanding.push_back({id, events.back().sequence, m_now(), false});
    delivery.answer = Answer::sent;
    return delivery;
}

Confirmation Hec::confirm()
{
    if (m_outstanding.empty()) return {};
    std::string ids;
    for (const auto& batch : m_outstanding)
        if (!batch.indexed) ids += fmt::format("{}{}", ids.empty() ? "" : ",", batch.id);
    if (!ids.empty()) {
        Draft draft;
        draft.path = fmt::format("{}?channel={}", k_ack_path, m_channel);
        draft.content_type = "application/json";
        draft.headers.push_back({"X-Splunk-Request-Channel", m_channel});
        draft.authorization = Authorization::splunk;
        draft.body = fmt::format(R"({{"acks":[{}]}})", ids);
        if (const auto answered = m_engine.poll(draft)) {
            if (*answered) {
                note(**answered);
            } else {
                m_poll_error = answered->error().detail;
                ++m_poll_failures;
            }
        }
    }
    Confirmation news;
    while (!m_outstanding.empty() && m_outstanding.front().indexed) {
        news.through = m_outstanding.front().last;
        m_outstanding.pop_front();
    }
    if (!m_outstanding.empty() && m_now() - m_outstanding.front().sent >= m_sink.ack_timeout) {
        const auto confirmed = news.through;
        news = give_up("ack_timeout", m_poll_error.empty() ? "the indexers have not acknowledged the events in time" : m_poll_error);
        news.through = confirmed;
    }
    return news;
}

/// A `true` is told once, and kept here until all before it are.
void Hec::note(const Reply& reply)
{
    const auto json = Json::parse(reply.body, nullptr, false);
    if (reply.status != k_ok || !json.is_object() || !json.contains("acks") || !json["acks"].is_object()) {
        m_poll_error = judge_by_status(m_engine, reply).detail;
        if (m_poll_error.empty()) m_poll_error = "the answer about acknowledgements cannot be read";
        ++m_poll_failures;
        return;
    }
    m_poll_error.clear();
    m_poll_failures = 0;
    for (const auto& [id, indexed] : json["acks"].items())
        for (auto& batch : m_outstanding)
            if (indexed == true && id == std::to_string(batch.id)) batch.indexed = true;
}

/// Sends on another channel from now on, so that a late acknowledgement is not taken for that of other events.
Confirmation Hec::give_up(std::string reason, std::string detail)
{
    m_outstanding.clear();
    m_poll_error.clear();
    m_poll_failures = 0;
    m_channel = random_uuid();
    return {.broken = true, .reason = std::move(reason), .detail = std::move(detail)};
}

} // namespace seaworthy::sinks

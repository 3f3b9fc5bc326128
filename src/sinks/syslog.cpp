// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "seaworthy/base/host_name.hpp"
#include "sinks/syslog_message.hpp"

namespace seaworthy::sinks {
namespace {

constexpr milliseconds k_interval{1'000};
constexpr std::size_t k_replay_bytes = 8U << 20U;

} // namespace

Syslog::Syslog(const config::Sink& sink, std::function<Clock::time_point()> now) : m_sink(sink), m_now(std::move(now)), m_host(host_name()) {}

milliseconds Syslog::confirm_interval() const
{
    return std::clamp(m_sink.confirm_window / 4, milliseconds{50}, k_interval);
}

tl::expected<std::string, Delivery> Syslog::frames_of(std::span<const state::EventRow> events) const
{
    std::string frames;
    for (const auto& event : events) {
        const auto message = syslog_message(m_sink, event, m_host);
        if (!message)
            return tl::make_unexpected(
                Delivery{.answer = Answer::too_large,
                         .reason = "max_message",
                         .detail = fmt::format("event {} cannot be written in {} bytes", event.sequence, m_sink.max_message.bytes)});
        if (message->empty())
            return tl::make_unexpected(
                Delivery{.answer = Answer::event_fault, .reason = "encode", .detail = fmt::format("event {} cannot be written", event.sequence)});
        frames += syslog_frame(*message);
    }
    return frames;
}

std::optional<Delivery> Syslog::connect(const std::stop_token& stop)
{
    if (m_wire) {
        auto complaint = m_wire->complaint();
        if (!complaint) return std::nullopt;
        m_detail = complaint->detail;
        drop_connection();
        // What is unconfirmed has to come before what is new: the worker is told, and begins again there.
        if (m_broken) return complaint;
    }
    auto wire = Wire::connect(m_sink, stop);
    if (!wire) return std::move(wire).error();
    m_wire = std::move(*wire);
    for (const auto& sent : m_replay) {
        auto failure = m_wire->write(sent.frames, m_sink.timeout, stop);
        if (!failure) continue;
        drop_connection();
        return failure;
    }
    // They may be lost once more with this connection.
    for (auto& sent : m_replay)
        m_confirmed.push_back({sent.last, sent.end, m_now(), std::move(sent.frames)});
    m_replay.clear();
    return std::nullopt;
}

Delivery Syslog::send(std::span<const state::EventRow> events, const std::stop_token& stop)
{
    auto frames = frames_of(events);
    if (!frames) return std::move(frames).error();
    if (auto failure = connect(stop)) return std::move(*failure);
    if (auto failure = m_wire->write(*frames, m_sink.timeout, stop)) {
        m_detail = failure->detail;
        drop_connection();
        return std::move(*failure);
    }
    // An event of a test is in no store: nobody asks what became of it.
    if (events.back().sequence > 0) m_unconfirmed.push_back({events.back().sequence, m_wire->written(), m_now(), std::move(*frames)});
    return {.answer = Answer::sent};
}

Confirmation Syslog::confirm()
{
    if (m_wire) {
        if (const auto complaint = m_wire->complaint()) {
            m_detail = complaint->detail;
            drop_connection();
        }
    }
    if (std::exchange(m_broken, false)) return {.broken = true, .reason = "connection", .detail = m_detail};
    if (!m_wire) return {};
    Confirmation news;
    const auto received = m_wire->received();
    while (!m_unconfirmed.empty() && m_now() - m_unconfirmed.front().at >= m_sink.confirm_window &&
           received >= static_cast<std::int64_t>(m_unconfirmed.front().end)) {
        news.through = m_unconfirmed.front().last;
        m_confirmed.push_back(std::move(m_unconfirmed.front()));
        m_unconfirmed.pop_front();
    }
    forget_old();
    return news;
}

void Syslog::drop_connection()
{
    m_wire.reset();
    m_broken = m_broken || !m_unconfirmed.empty();
    m_unconfirmed.clear();
    forget_old();
    m_replay.insert(m_replay.end(), std::make_move_iterator(m_confirmed.begin()), std::make_move_iterator(m_confirmed.end()));
    m_confirmed.clear();
}

void Syslog::forget_old()
{
    std::size_t bytes = 0;
    for (const auto& sent : m_confirmed)
        bytes += sent.frames.size();
    while (!m_confirmed.empty() && (m_now() - m_confirmed.front().at > m_sink.replay_window || bytes > k_replay_bytes)) {
        bytes -= m_confirmed.front().frames.size();
        m_confirmed.pop_front();
    }
}

void Syslog::close()
{
    if (m_wire) m_wire->say_goodbye();
    m_wire.reset();
}

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#include "app/event_delivery.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "app/sink_control.hpp"
#include "app/version.hpp"
#include "seaworthy/base/host_name.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::app {
namespace {

constexpr double k_milliseconds = 1'000;
constexpr std::size_t k_parked_shown = 1'000;

state::Milliseconds system_milliseconds()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::optional<double> seconds_of(const std::optional<state::Milliseconds>& time)
{
    return time ? std::optional{static_cast<double>(*time) / k_milliseconds} : std::nullopt;
}

publish::SinkFacts published(const sinks::Facts& sink)
{
    return {.name = sink.name,
            .type = sink.type,
            .state = std::string{sinks::name(sink.state)},
            .last_error = sink.last_error,
            .last_success = seconds_of(sink.last_success),
            .events = sink.events,
            .failures = sink.failures,
            .retries = sink.retries,
            .dropped = sink.lost,
            .parked = sink.parked,
            .queue_length = sink.queue_length,
            .queue_bytes = sink.queue_bytes,
            .oldest = seconds_of(sink.oldest)};
}

} // namespace

EventDelivery::EventDelivery(const config::Config& config, state::Store& store, Log& log)
    : m_store(store), m_log(log), m_max_age(config.spool.max_age),
      m_settings(config.events), m_identity{config.cluster.name, {}, host_name(), std::string{version()}},
      m_journal(store, config.events, m_identity, controls::catalog()),
      m_sinks(config.sinks, store,
              {.user_agent = user_agent(), .cluster = config.cluster.name, .surroundings = {.on_change = [this](const sinks::Change& change) {
                                                                               sink_changed(change);
                                                                           }}})
{}

EventDelivery::~EventDelivery() = default;

Result<std::unique_ptr<EventDelivery>> EventDelivery::start(const config::Config& config, state::Store& store, Log& log)
{
    std::unique_ptr<EventDelivery> delivery{new EventDelivery{config, store, log}};
    SEAWORTHY_TRY(delivery->m_sinks.start());
    SEAWORTHY_TRY(delivery->open_socket(config.spool));
    delivery->tell_start();
    return delivery;
}

void EventDelivery::tell_start()
{
    health(events::HealthCode::daemon_started, fmt::format("Seaworthy {} has started", version()));
    if (m_store.quarantined().empty()) return;
    health(events::HealthCode::spool_recovered, "The state database was damaged and is begun anew: every open finding is told again");
    if (const auto asked = m_journal.request_snapshot(); !asked)
        m_log.error("open findings will not be told again", {{"reason", asked.error().message}});
}

void EventDelivery::expire()
{
    const auto given_up = m_store.drop_older_than(system_milliseconds() - m_max_age.count());
    if (!given_up)
        m_log.error("old events could not be given up", {{"reason", given_up.error().message}});
    else if (*given_up > 0)
        m_log.warn("events were given up for their age", {{"events", std::to_string(*given_up)}});
}

Result<void> EventDelivery::open_socket(const config::Spool& spool)
{
    const SinkOperations operations{
        .facts = [this] { return facts(); },
        .test = [this](const std::string& sink) { return m_sinks.test(sink, events::test_event(m_identity, system_milliseconds())); },
        .parked = [this](const std::string& sink) { return m_store.parked(sink, k_parked_shown); },
        .retry_parked =
            [this](const std::string& sink) {
                auto count = m_store.retry_parked(sink);
                m_sinks.wake();
                return count;
            },
        .drop_parked = [this](const std::string& sink) { return m_store.drop_parked(sink); },
    };
    auto opened = http::Server::start({.listen = "unix:" + spool.socket_path(), .workers = 2},
                                      [operations](const http::Request& request) { return answer_sink_request(request, operations); });
    if (!opened) return tl::make_unexpected(opened.error());
    m_socket = std::move(*opened);
    return {};
}

void EventDelivery::configure(const config::Events& settings)
{
    {
        const std::lock_guard lock{m_settings_mutex};
        m_settings = settings;
    }
    m_journal.configure(settings);
}

void EventDelivery::look_at(const model::Inventory& inventory)
{
    const auto settings = [&] {
        const std::lock_guard lock{m_settings_mutex};
        return m_settings;
    }();
    m_notes = ObjectNotes{inventory, settings};
}

void EventDelivery::record(const report::Report& report)
{
    const auto recorded = m_journal.record(report, [this](const report::Object& object) { return m_notes.of(object); });
    if (!recorded) {
        m_log.error("events could not be written down; the next audit finds them again", {{"reason", recorded.error().message}});
        return;
    }
    if (recorded->total() != 0) m_log.info("events recorded", {{"events", std::to_string(recorded->total())}});
    m_sinks.wake();
}

void EventDelivery::health(events::HealthCode code, std::string_view message, const events::HealthDetail& detail)
{
    if (const auto written = m_journal.health(code, message, detail); !written)
        m_log.error("an event could not be written down", {{"event", std::string{events::name(code)}}, {"reason", written.error().message}});
    m_sinks.wake();
}

void EventDelivery::sink_changed(const sinks::Change& change)
{
    const Log::Fields fields{
        {"sink", change.sink}, {"state", std::string{sinks::name(change.now)}}, {"reason", change.reason}, {"detail", change.detail}};
    if (change.now == sinks::State::ok)
        m_log.info("sink delivers", fields);
    else
        m_log.warn("sink does not deliver", fields);
    if (sinks::is_pause(change.now) == sinks::is_pause(change.before)) return;
    const bool paused = sinks::is_pause(change.now);
    const auto code = !paused ? events::HealthCode::sink_recovered
                              : (change.now == sinks::State::disabled ? events::HealthCode::sink_disabled : events::HealthCode::sink_paused);
    health(code, paused ? fmt::format("Sink {} is paused: {}", change.sink, change.detail) : fmt::format("Sink {} delivers again", change.sink),
           {.subject = change.sink, .reason = change.reason});
}

publish::DeliveryFacts EventDelivery::facts() const
{
    publish::DeliveryFacts facts;
    for (const auto& sink : m_sinks.facts())
        facts.sinks.push_back(published(sink));
    const auto committed = m_journal.committed();
    facts.committed = {committed.classes.begin(), committed.classes.end()};
    if (const auto usage = m_store.usage()) {
        facts.spool_bytes = usage->bytes;
        facts.spool_capacity_bytes = usage->capacity;
    }
    facts.spool_write_failures = static_cast<std::uint64_t>(m_store.write_failures().count);
    return facts;
}

void EventDelivery::stop(std::chrono::milliseconds limit)
{
    health(events::HealthCode::daemon_stopping, "Seaworthy ends");
    m_socket->stop();
    if (const auto waiting = m_sinks.stop(limit); waiting != 0) m_log.info("events wait for the next start", {{"events", std::to_string(waiting)}});
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/sinks/sinks.hpp"

#include <algorithm>
#include <array>
#include <future>

#include <fmt/format.h>

namespace seaworthy::sinks {
namespace {

constexpr std::array<std::string_view, 11> k_types{"stdout",        "file", "splunk_hec", "sumologic", "syslog", "webhook",
                                                   "elasticsearch", "otlp", "loki",       "sentinel",  "kafka"};
constexpr std::array<std::string_view, 5> k_states{"ok", "retrying", "auth_failed", "paused", "disabled"};
/// After the end of a flush: what a request that was broken off takes to return.
constexpr milliseconds k_grace{500};

/// What the store has lost since `before`.
void add_lost(std::map<std::string, std::uint64_t>& lost, const state::Backlog& now, const state::Backlog& before)
{
    const auto for_room = [](const state::Backlog& backlog) { return backlog.dropped - backlog.expired - backlog.discarded; };
    const std::pair<const char*, std::int64_t> counts[] = {
        {"spool_full", for_room(now) - for_room(before)}, {"expired", now.expired - before.expired}, {"discarded", now.discarded - before.discarded}};
    for (const auto& [reason, count] : counts)
        if (count > 0) lost[reason] = static_cast<std::uint64_t>(count);
}

} // namespace

std::string_view name(config::Sink::Type type)
{
    return k_types.at(static_cast<std::size_t>(type));
}

std::string_view name(State state)
{
    return k_states.at(static_cast<std::size_t>(state));
}

struct Sinks::Running {
    config::Sink sink;
    state::Backlog before; ///< whose counts outlive the process
    std::unique_ptr<Worker> worker;
};

Sinks::Sinks(std::vector<config::Sink> sinks, state::Store& store, SinksOptions options)
    : m_sinks(std::move(sinks)), m_store(store), m_options(std::move(options))
{
    for (auto& sink : m_sinks) {
        const bool has_host = sink.type == config::Sink::Type::splunk_hec || sink.type == config::Sink::Type::sumologic;
        if (has_host && sink.host.empty()) sink.host = m_options.cluster;
    }
    if (!m_options.make) m_options.make = [agent = m_options.user_agent](const config::Sink& sink) { return make_transport(sink, agent); };
}

Sinks::~Sinks()
{
    end();
}

Result<void> Sinks::start()
{
    std::vector<std::string> names;
    std::vector<std::unique_ptr<Transport>> transports;
    for (const auto& sink : m_sinks) {
        auto transport = m_options.make(sink);
        if (!transport) return tl::make_unexpected(std::move(transport).error());
        names.push_back(sink.name);
        transports.push_back(std::move(*transport));
    }
    SEAWORTHY_TRY(m_store.set_sinks(names));
    for (std::size_t i = 0; i < m_sinks.size(); ++i) {
        auto& running = *m_running.emplace_back(std::make_unique<Running>());
        running.sink = m_sinks[i];
        if (const auto backlog = m_store.backlog(running.sink.name)) running.before = *backlog;
        running.worker = std::make_unique<Worker>(running.sink, m_store, std::move(transports[i]), m_options.surroundings);
    }
    // Only now that the list is whole may a worker's change of state ask for facts().
    for (const auto& running : m_running)
        running->worker->start();
    return {};
}

void Sinks::wake()
{
    for (const auto& running : m_running)
        running->worker->wake();
}

std::vector<Facts> Sinks::facts() const
{
    std::vector<Facts> all;
    for (const auto& running : m_running) {
        auto& facts = all.emplace_back(running->worker->facts());
        const auto backlog = m_store.backlog(running->sink.name);
        if (!backlog) continue;
        add_lost(facts.lost, *backlog, running->before);
        facts.parked = backlog->parked;
        facts.queue_length = backlog->events;
        facts.queue_bytes = backlog->bytes;
        if (backlog->events > 0) facts.oldest = backlog->oldest;
    }
    return all;
}

const Sinks::Running* Sinks::find(std::string_view sink) const
{
    const auto found = std::ranges::find_if(m_running, [&](const auto& running) { return running->sink.name == sink; });
    return found == m_running.end() ? nullptr : found->get();
}

Result<std::string> Sinks::test(std::string_view sink, const state::EventRow& record)
{
    const auto* running = find(sink);
    if (running == nullptr) return failure(Error::Kind::not_found, fmt::format("no sink {} is configured", sink));
    auto answer = running->worker->test(record);
    // The worker may be in the middle of a request of its own.
    if (answer.wait_for(2 * running->sink.timeout + k_grace) != std::future_status::ready)
        return failure(Error::Kind::unreachable, fmt::format("{}: the receiver has not answered", sink));
    return answer.get();
}

std::int64_t Sinks::stop(milliseconds limit)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (const auto& running : m_running)
        running->worker->begin_flush(deadline);
    for (const auto& running : m_running)
        (void)running->worker->wait_until(deadline);
    end();
    std::int64_t waiting = 0;
    for (const auto& running : m_running)
        if (const auto backlog = m_store.backlog(running->sink.name)) waiting += backlog->events;
    return waiting;
}

/// All have ended before one is destroyed: as it ends, a worker may still report a change, and who hears of it call wake() or facts().
void Sinks::end()
{
    for (const auto& running : m_running)
        running->worker->request_stop();
    for (const auto& running : m_running)
        running->worker->join();
}

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
// A receiver whose every answer a test decides, and a clock that moves when the test says so.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "sinks/courier.hpp"
#include "support/event_row.hpp"
#include "support/temporary_directory.hpp"

namespace seaworthy::test {

using namespace std::chrono_literals;
using sinks::Answer;
using sinks::Delivery;

template <typename T>
T must(Result<T> result)
{
    if (!result) FAIL(result.error().message << " / " << result.error().hint);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline state::EventRow event(const std::string& uid)
{
    return event_row(uid, R"({"metadata":{"uid":")" + uid + R"("}})", 1'787'303'643'482);
}

inline std::vector<state::EventRow> numbered(int from, int to)
{
    std::vector<state::EventRow> events;
    for (int i = from; i <= to; ++i)
        events.push_back(event("e" + std::to_string(i)));
    return events;
}

/// What the receiver saw and has.
struct Receiver {
    using Events = std::span<const state::EventRow>;

    std::function<Delivery(Events)> answer = [](Events) { return Delivery{.answer = Answer::delivered}; };
    std::function<sinks::Confirmation()> confirmation = [] { return sinks::Confirmation{}; };
    std::vector<std::vector<std::string>> requests; ///< uids of each
    std::vector<std::string> taken;                 ///< uids, in the order of their arrival
    std::vector<std::string> bodies;                ///< of what was taken
    int closed = 0;
};

class Scripted final : public sinks::Transport {
public:
    explicit Scripted(Receiver& receiver) : m_receiver(receiver) {}

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& /*stop*/) override
    {
        auto& uids = m_receiver.requests.emplace_back();
        for (const auto& row : events)
            uids.push_back(row.uid);
        auto delivery = m_receiver.answer(events);
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto verdict = delivery.items.empty() ? delivery.answer : delivery.items[i];
            if (i >= delivery.accepted_first && verdict != Answer::delivered && verdict != Answer::sent) continue;
            m_receiver.taken.push_back(events[i].uid);
            m_receiver.bodies.push_back(events[i].body);
        }
        return delivery;
    }
    sinks::Confirmation confirm() override { return m_receiver.confirmation(); }
    void close() override { ++m_receiver.closed; }

private:
    Receiver& m_receiver;
};

/// A store with one sink, the sink's courier, and time.
class Bench {
public:
    using Make = std::function<std::unique_ptr<sinks::Transport>(const config::Sink&)>;

    /// `make`: another transport than the scripted one.
    explicit Bench(const std::function<void(config::Sink&)>& configure = {}, Make make = {}, std::uint64_t max_bytes = 4U << 20U)
        : m_make(std::move(make)),
          store(
              must(state::Store::open({.path = m_directory.path("spool.db"), .max_bytes = max_bytes, .now = [] { return state::Milliseconds{7}; }})))
    {
        if (!m_make) m_make = [this](const config::Sink&) { return std::make_unique<Scripted>(receiver); };
        sink.name = "soc";
        sink.type = config::Sink::Type::webhook;
        sink.linger = 0ms;
        if (configure) configure(sink);
        must(store->set_sinks({sink.name}));
        restart();
    }

    /// A courier that knows nothing but what the store does.
    void restart()
    {
        courier =
            std::make_unique<sinks::Courier>(sink, *store, m_make(sink),
                                             sinks::Surroundings{.now = [this] { return std::chrono::steady_clock::time_point{time}; },
                                                                 .wall = [] { return state::Milliseconds{1'787'303'700'000}; },
                                                                 .random = [this] { return random(); },
                                                                 .on_change = [this](const sinks::Change& change) { changes.push_back(change); }});
    }

    void write(const std::vector<state::EventRow>& events)
    {
        must(store->write([&](state::Writer& writer) -> Result<void> {
            for (const auto& row : events)
                if (const auto appended = writer.append(row); !appended) return tl::make_unexpected(appended.error());
            return {};
        }));
    }
    sinks::Courier::Next step() { return courier->step({}); }
    /// Lets time pass as the courier asks for it, until it is idle or `limit` is over. Gives how long it took.
    std::chrono::milliseconds run(std::chrono::milliseconds limit = 24h)
    {
        const auto begin = time;
        for (int steps = 0; time - begin <= limit; ++steps) {
            REQUIRE(steps < 100'000); // a loop without waits
            const auto next = step();
            if (next.idle) break;
            time += next.wait;
        }
        return time - begin;
    }
    [[nodiscard]] state::Backlog backlog() const { return must(store->backlog(sink.name)); }
    [[nodiscard]] std::vector<std::string> parked() const
    {
        std::vector<std::string> uids;
        for (const auto& one : must(store->parked(sink.name, 1000)))
            uids.push_back(one.event.uid);
        return uids;
    }

    [[nodiscard]] const TemporaryDirectory& directory() const { return m_directory; }

private:
    TemporaryDirectory m_directory;
    Make m_make;

public:
    config::Sink sink;
    std::unique_ptr<state::Store> store;
    Receiver receiver;
    std::vector<sinks::Change> changes;
    std::chrono::milliseconds time{1h};
    std::function<double()> random = [] { return 0.5; };
    std::unique_ptr<sinks::Courier> courier;
};

inline std::vector<std::string> uids(int from, int to)
{
    std::vector<std::string> all;
    for (int i = from; i <= to; ++i)
        all.push_back("e" + std::to_string(i));
    return all;
}

} // namespace seaworthy::test

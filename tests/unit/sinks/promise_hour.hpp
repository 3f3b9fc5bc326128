// SPDX-License-Identifier: Apache-2.0
// An hour without the receiver, for any type of sink: on a clock that the test moves, by the real transport, towards a receiver on loopback that goes
// away and comes back. Row 9 of docs/siem.md, "What the promise is tested by".
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "scripted.hpp"

namespace seaworthy::test {

/// A receiver that can be away.
struct Station {
    using Now = std::function<std::chrono::steady_clock::time_point()>;

    std::string name;
    std::function<void(config::Sink&)> configure;
    std::function<std::unique_ptr<sinks::Transport>(const config::Sink&, Now)> make;
    std::function<void()> leave;
    std::function<void()> come_back;
    std::function<std::vector<std::string>()> arrived; ///< uids in the order of their arrival
    bool confirms = false;                             ///< later than it takes, so that a break is one more failure
    bool asks = false;                                 ///< for confirmations, by requests of their own
};

namespace hour {

constexpr int k_findings = 200;
constexpr int k_before = 600; ///< the last hundred of them are on their way when the receiver goes
constexpr int k_during = 10'000;
constexpr auto k_outage = 1h;

/// A word that no format changes, so that it is found in whatever a receiver gets.
inline std::string uid(int number)
{
    return fmt::format("seq-{:06}", number);
}

/// The uids in what a receiver got. A format may name one twice.
inline std::vector<std::string> uids_of(std::string_view text)
{
    std::vector<std::string> found;
    for (auto at = text.find("seq-"); at != std::string_view::npos; at = text.find("seq-", at + 1)) {
        const auto word = text.substr(at, uid(0).size());
        if (word.size() == uid(0).size() && (found.empty() || found.back() != word)) found.emplace_back(word);
    }
    return found;
}

inline state::EventRow transition(int number)
{
    auto row = event(uid(number));
    row.finding = "f1:" + std::to_string(number % k_findings);
    row.code = number < k_findings ? "finding_opened" : "finding_changed";
    return row;
}

/// How often and when a courier asks its transport for something.
struct Visits {
    std::vector<std::chrono::milliseconds> sends;
    std::vector<std::chrono::milliseconds> questions;

    [[nodiscard]] static std::size_t between(const std::vector<std::chrono::milliseconds>& times, std::chrono::milliseconds from,
                                             std::chrono::milliseconds to)
    {
        return static_cast<std::size_t>(std::ranges::count_if(times, [&](auto time) { return time >= from && time < to; }));
    }
};

class Counted final : public sinks::Transport {
public:
    Counted(std::unique_ptr<sinks::Transport> inner, Visits& visits, const std::chrono::milliseconds& time)
        : m_inner(std::move(inner)), m_visits(visits), m_time(time)
    {}
    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override
    {
        m_visits.sends.push_back(m_time);
        return m_inner->send(events, stop);
    }
    sinks::Confirmation confirm() override
    {
        m_visits.questions.push_back(m_time);
        return m_inner->confirm();
    }
    [[nodiscard]] std::chrono::milliseconds confirm_interval() const override { return m_inner->confirm_interval(); }
    void close() override { m_inner->close(); }

private:
    std::unique_ptr<sinks::Transport> m_inner;
    Visits& m_visits;
    const std::chrono::milliseconds& m_time;
};

/// The requests of the back-off rule in an outage, were each refused at once: a wait is between the base and base * 2^n, at most the cap.
inline std::size_t requests_by_rule(unsigned seed, const config::Sink& sink)
{
    std::mt19937_64 dice{seed};
    std::size_t requests = 0;
    auto most = sink.retry_base;
    for (std::chrono::milliseconds time{0}; time < k_outage; ++requests) {
        most = std::min(most * 2, std::max(sink.retry_base, sink.retry_cap));
        const double random = std::uniform_real_distribution<double>{0, 1}(dice);
        time +=
            sink.retry_base + std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>((most - sink.retry_base).count()) * random)};
    }
    return requests;
}

/// Whether each finding's events came in order, those not counted that came again.
inline bool in_order(const std::vector<std::string>& arrived)
{
    std::set<std::string> seen;
    std::map<int, int> last;
    for (const auto& uid : arrived) {
        if (!seen.insert(uid).second) continue;
        const int number = std::stoi(uid.substr(4));
        auto& before = last.try_emplace(number % k_findings, -1).first->second;
        if (before > number) return false;
        before = number;
    }
    return true;
}

} // namespace hour

/// Lets ten thousand transitions happen in an hour in which the receiver is away, prints what came of them, and checks it.
inline void spend_an_hour_without(const Station& station, unsigned seed)
{
    using namespace hour;
    INFO(station.name << ", seed " << seed);
    Visits visits;
    std::chrono::milliseconds time{1h};
    const auto make = [&](const config::Sink& sink) -> std::unique_ptr<sinks::Transport> {
        return std::make_unique<Counted>(station.make(sink, [&time] { return std::chrono::steady_clock::time_point{time}; }), visits, time);
    };
    Bench bench{station.configure, make, 64U << 20U};
    bench.random = [engine = std::mt19937_64{seed}]() mutable { return std::uniform_real_distribution<double>{0, 1}(engine); };
    int written = 0;
    const auto write_until = [&](int due) {
        std::vector<state::EventRow> rows;
        for (; written < due; ++written)
            rows.push_back(transition(written));
        if (!rows.empty()) bench.write(rows);
    };
    const auto step = [&] {
        const auto next = bench.step();
        // What only waits for events waits for the next that are due.
        time += next.idle ? std::chrono::milliseconds{1s} : next.wait;
        bench.time = time;
    };

    write_until(k_before - 100);
    for (int steps = 0; bench.backlog().events > 0; ++steps) {
        REQUIRE(steps < 5'000);
        step();
    }
    write_until(k_before);
    step();
    time += 1ms;
    bench.time = time;
    station.leave();
    const auto began = time;
    const auto over = began + k_outage;
    bool is_back = false;
    for (int steps = 0; written < k_before + k_during || bench.backlog().events > 0; ++steps) {
        REQUIRE(steps < 20'000);
        if (!is_back && time >= over) {
            station.come_back();
            is_back = true;
        }
        const auto passed = std::min<std::chrono::milliseconds>(time - began, k_outage);
        write_until(k_before + static_cast<int>(k_during * passed / k_outage));
        step();
    }

    const auto arrived = station.arrived();
    const auto distinct = std::set(arrived.begin(), arrived.end());
    const auto sends = Visits::between(visits.sends, began, over);
    const auto questions = station.asks ? Visits::between(visits.questions, began, over) : 0;
    // A break of what was not confirmed is a failure of its own, with a wait of its own.
    const auto bound = requests_by_rule(seed, bench.sink) + (station.confirms ? 2 : 1);
    const bool ordered = in_order(arrived);
    std::cout << fmt::format("row 9, {}: {} events, {} requests in the hour (at most {} by the rule){}, {} received, {} twice, {}\n", station.name,
                             written, sends, bound, station.asks ? fmt::format(" and {} questions for acknowledgements", questions) : std::string{},
                             distinct.size(), arrived.size() - distinct.size(), ordered ? "in order" : "OUT OF ORDER");

    CHECK(distinct.size() == static_cast<std::size_t>(k_before + k_during));
    CHECK(ordered);
    CHECK(bench.parked().empty());
    CHECK(sends >= 5);
    CHECK(sends <= bound);
    CHECK(questions <= 20);
    std::chrono::milliseconds before{-1};
    auto most = bench.sink.retry_base * (station.confirms ? 2 : 1);
    for (const auto at : visits.sends) {
        if (at < began || at >= over) continue;
        if (before.count() >= 0) {
            most = std::min(most * 2, bench.sink.retry_cap);
            CHECK(at - before >= bench.sink.retry_base);
            CHECK(at - before <= (station.confirms ? 2 : 1) * most); // two waits in a row, where an acknowledgement did not come in the first
        }
        before = at;
    }
    const auto back = std::ranges::find_if(visits.sends, [&](auto at) { return at >= over; });
    REQUIRE(back != visits.sends.end());
    CHECK(*back <= over + (station.confirms ? 2 : 1) * bench.sink.retry_cap);
}

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
// An hour without a receiver, on a clock of the test's own.
#include <cmath>
#include <random>

#include "scripted.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

constexpr int k_findings = 200;
constexpr int k_events = 10'000;
constexpr auto k_outage = 1h;

state::EventRow transition(int number)
{
    auto row = event("e" + std::to_string(number));
    row.finding = "f1:" + std::to_string(number % k_findings);
    row.code = number < k_findings ? "finding_opened" : "finding_changed";
    return row;
}

/// Writes what is due in this much of the outage: the events come evenly.
void write_until(state::Store& store, int& written, std::chrono::milliseconds passed)
{
    const auto due = passed >= k_outage ? k_events : static_cast<int>(k_events * passed / k_outage);
    while (written < due) {
        const int last = std::min(written + 500, due);
        must(store.write([&](state::Writer& writer) -> Result<void> {
            for (; written < last; ++written)
                if (const auto appended = writer.append(transition(written)); !appended) return tl::make_unexpected(appended.error());
            return {};
        }));
    }
}

} // namespace

TEST_CASE("siem row 9: after an hour's outage ten thousand events arrive, each finding's in order, and the receiver was asked seldom")
{
    const auto seed = GENERATE(9U, 90U, 900U);
    CAPTURE(seed);
    TemporaryDirectory directory;
    const auto store = must(state::Store::open({.path = directory.path("spool.db"), .max_bytes = 32U << 20U, .now = {}}));
    config::Sink sink;
    sink.name = "soc";
    sink.type = config::Sink::Type::webhook;
    sink.linger = 0ms;
    must(store->set_sinks({sink.name}));

    Receiver receiver;
    std::mt19937 dice{seed};
    std::chrono::milliseconds time{0};
    std::vector<std::chrono::milliseconds> failed_at;
    receiver.answer = [&](Receiver::Events) {
        if (time >= k_outage) return Delivery{.answer = Answer::delivered};
        failed_at.push_back(time);
        return Delivery{.answer = Answer::transient, .reason = "refused", .detail = "refused"};
    };
    sinks::Courier courier{sink, *store, std::make_unique<Scripted>(receiver),
                           sinks::Surroundings{.now = [&] { return std::chrono::steady_clock::time_point{time}; },
                                               .wall = [] { return state::Milliseconds{0}; },
                                               .random =
                                                   [&] {
                                                       return std::uniform_real_distribution<>{0, 1}(dice);
                                                   },
                                               .on_change = {}}};

    int written = 0;
    std::chrono::milliseconds recovered{0};
    for (int steps = 0; written < k_events || must(store->backlog(sink.name)).events > 0; ++steps) {
        REQUIRE(steps < 10'000);
        write_until(*store, written, time);
        const auto next = courier.step({});
        time += next.idle ? 1s : next.wait;
        if (recovered == 0ms && !receiver.taken.empty()) recovered = time;
    }

    // Everything, once, and so in order within each finding too.
    REQUIRE(receiver.taken.size() == k_events);
    std::vector<int> last(k_findings, -1);
    for (const auto& uid : receiver.taken) {
        const int number = std::stoi(uid.substr(1));
        REQUIRE(last.at(static_cast<std::size_t>(number % k_findings)) < number);
        last[static_cast<std::size_t>(number % k_findings)] = number;
    }
    // Full jitter: the n-th wait is between the base and base * 2^n, capped; an hour holds few of them.
    for (std::size_t n = 1; n < failed_at.size(); ++n) {
        const auto wait = failed_at[n] - failed_at[n - 1];
        CHECK(wait >= sink.retry_base);
        CHECK(wait <=
              std::min<std::chrono::milliseconds>(sink.retry_cap, sink.retry_base * static_cast<int>(std::pow(2, std::min<std::size_t>(n, 20)))));
    }
    CHECK(failed_at.size() >= 12);
    CHECK(failed_at.size() <= 60);
    CHECK(receiver.requests.size() - failed_at.size() <= k_events / static_cast<std::size_t>(sink.batch_events) + 10);
    CHECK(recovered <= k_outage + sink.retry_cap);
}

TEST_CASE("siem row 32: a wall clock that jumps shortens no wait and lengthens none")
{
    Bench bench;
    bench.write(numbered(1, 2));
    state::Milliseconds wall = 1'787'303'700'000;
    int asked = 0;
    bench.receiver.answer = [&](Receiver::Events) {
        wall += ++asked % 2 == 0 ? 3'600'000 : -3'600'000;
        return asked < 8 ? Delivery{.answer = Answer::transient, .reason = "refused", .detail = "refused"} : Delivery{.answer = Answer::delivered};
    };
    bench.courier = std::make_unique<sinks::Courier>(bench.sink, *bench.store, std::make_unique<Scripted>(bench.receiver),
                                                     sinks::Surroundings{.now = [&] { return std::chrono::steady_clock::time_point{bench.time}; },
                                                                         .wall = [&] { return wall; },
                                                                         .random = [] { return 0.0; },
                                                                         .on_change = {}});
    // The least of each wait is the base; seven of them.
    CHECK(bench.run() == 7 * bench.sink.retry_base);
    CHECK(bench.receiver.taken == uids(1, 2));
}

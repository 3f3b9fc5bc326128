// SPDX-License-Identifier: Apache-2.0
// Whatever a receiver does, each event ends at it or among the parked ones.
#include <algorithm>
#include <random>
#include <set>

#include "scripted.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

/// A receiver that does anything, but refuses the same few events always, and grows tired of havoc.
class Havoc {
public:
    explicit Havoc(unsigned seed) : m_random(seed) {}

    Delivery operator()(Receiver::Events events)
    {
        const auto poison = std::ranges::find_if(events, is_poison);
        const auto before = static_cast<std::size_t>(poison - events.begin());
        const auto some = static_cast<std::size_t>(below(events.size() + 1));
        const int dice = ++m_requests > 400 ? 100 : static_cast<int>(below(100));
        if (dice < 10) return {.answer = Answer::transient, .reason = "reset"};
        if (dice < 20) return {.answer = Answer::transient, .accepted_first = std::min(some, before), .reason = "hec_9", .status = 503};
        if (dice < 25) return {.answer = Answer::sink_fault, .reason = "token", .status = 401};
        if (dice < 32) return {.answer = Answer::too_large, .reason = "http_413", .status = 413};
        if (dice < 50) {
            Delivery each{.answer = Answer::transient, .reason = "items", .status = 200};
            for (const auto& row : events)
                each.items.push_back(is_poison(row) ? Answer::event_fault : below(5) == 0 ? Answer::transient : Answer::delivered);
            return each;
        }
        if (poison != events.end())
            return {.answer = Answer::event_fault, .accepted_first = dice % 2 == 0 ? before : 0, .reason = "http_400", .status = 400};
        if (dice >= 80 && dice < 100) {
            m_last = events.back().sequence;
            return {.answer = Answer::sent};
        }
        return {.answer = Answer::delivered};
    }
    sinks::Confirmation confirmation()
    {
        if (below(4) == 0) return {.broken = true, .reason = "ack_timeout"};
        return {.through = below(2) == 0 ? std::exchange(m_last, 0) : 0};
    }
    static bool is_poison(const state::EventRow& row) { return row.uid.ends_with('7'); }

private:
    std::uint64_t below(std::uint64_t limit) { return m_random() % limit; }

    std::mt19937_64 m_random;
    std::int64_t m_last = 0;
    int m_requests = 0;
};

} // namespace

TEST_CASE("nothing is lost under random faults")
{
    const auto seed = GENERATE(range(1U, 41U));
    INFO("seed " << seed);
    Bench bench{[&](auto& sink) { sink.batch_events = static_cast<int>(5 + seed % 40); }};
    Havoc havoc{seed};
    bench.receiver.answer = [&](auto events) { return havoc(events); };
    bench.receiver.confirmation = [&] { return havoc.confirmation(); };
    std::mt19937_64 random{seed};
    for (int i = 0; i < 10; ++i) {
        bench.write(numbered(30 * i + 1, 30 * i + 30));
        bench.run(std::chrono::seconds{random() % 600});
        if (random() % 4 == 0) bench.restart();
    }
    bench.run(24h * 7);
    CHECK(bench.backlog().events == 0);
    const auto parked = bench.parked();
    std::set<std::string> have{bench.receiver.taken.begin(), bench.receiver.taken.end()};
    have.insert(parked.begin(), parked.end());
    CHECK(have.size() == 300);
    // What a receiver refuses is parked, what it takes is not, as long as it can be made small enough.
    for (const auto& uid : parked) {
        const bool was_too_large =
            std::ranges::any_of(must(bench.store->parked("soc", 1000)), [&](const auto& one) { return one.event.uid == uid && one.status == 413; });
        CHECK((uid.ends_with('7') || was_too_large));
    }
}

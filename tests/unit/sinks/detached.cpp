// SPDX-License-Identifier: Apache-2.0
#include "sinks/detached.hpp"

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

using namespace seaworthy::sinks;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// Work that ends when the test lets it, and a way to wait for its end.
struct Stuck {
    std::promise<void> gate;
    std::promise<void> ended;

    [[nodiscard]] std::function<int()> work()
    {
        return [this, open = gate.get_future().share()] {
            open.wait();
            ended.set_value_at_thread_exit();
            return 1;
        };
    }
    void let_go()
    {
        gate.set_value();
        ended.get_future().wait();
    }
};

} // namespace

TEST_CASE("what ends in time gives its value")
{
    CHECK(wait_for_detached<int>([] { return 42; }, Clock::now() + 20s) == 42);
}

TEST_CASE("row 31: what cannot be interrupted, such as a look-up of a name, is left alone at a stop and at the end of its time")
{
    Stuck stuck;
    std::stop_source stop;
    const auto began = Clock::now();
    SECTION("a stop")
    {
        std::jthread stopper{[&] { stop.request_stop(); }};
        CHECK_FALSE(wait_for_detached<int>(stuck.work(), began + 60s, stop.get_token()));
    }
    SECTION("the end of its time")
    {
        CHECK_FALSE(wait_for_detached<int>(stuck.work(), began + 50ms, stop.get_token()));
    }
    CHECK(Clock::now() - began < 10s);
    stuck.let_go();
}

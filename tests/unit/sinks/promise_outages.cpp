// SPDX-License-Identifier: Apache-2.0
// What is promised for a receiver that is away, slow or does not let us in. The rows are those of docs/siem.md, "What the promise is tested by".
#include <atomic>
#include <ctime>
#include <random>
#include <set>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "intake.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using sinks::State;
using Then = FakeServer::Reply::Then;

namespace {

std::function<double()> seeded(unsigned seed)
{
    return [engine = std::mt19937_64{seed}]() mutable { return std::uniform_real_distribution<double>{0, 1}(engine); };
}

} // namespace

TEST_CASE("row 10: a receiver that flaps, resets, answers by halves or drips loses nothing, and what comes twice is the same")
{
    const auto seed = GENERATE(1U, 2U, 3U);
    INFO("seed " << seed);
    std::mutex mutex;
    std::mt19937 dice{seed};
    std::map<std::string, std::set<std::string>> bodies; // of each batch, by its first event
    std::map<std::string, int> faults;
    Intake intake;
    const FakeServer server{[&](const FakeServer::Request& request) -> FakeServer::Reply {
        const std::lock_guard lock{mutex};
        const auto whole = reply(200, "taken");
        const auto half = whole.bytes.substr(0, whole.bytes.size() / 2);
        const auto fault = dice() % 12;
        const auto told = [&](const char* what, FakeServer::Reply answer) {
            ++faults[what];
            return answer;
        };
        if (request.connection % 3 == 0) return told("flap", {"", Then::reset});
        // From here on the receiver has the events, whether we hear of it or not.
        const auto uids = uids_in(request.body);
        intake.take(uids);
        bodies[uids.front()].insert(request.body);
        switch (fault) {
        case 0:
        case 1: return told("reset", {half, Then::reset});
        case 2: return told("half", {half, Then::close});
        case 3: return told("hang", {half, Then::hang});
        case 4: return told("drip", {whole.bytes, Then::drip});
        case 5: return told("lost answer", {"", Then::close});
        default: return whole;
        }
    }};
    Bench bench{[&](auto& sink) {
                    at(sink, server);
                    sink.batch_events = 10;
                    sink.timeout = 150ms;
                },
                real(sinks::k_webhook)};
    bench.random = seeded(seed);
    bench.write(numbered(1, 300));

    bench.run();

    CHECK(intake.first_taken() == uids(1, 300));
    CHECK(intake.taken().size() > 300); // some came twice
    for (const auto& [first, same] : bodies) {
        INFO(first);
        CHECK(same.size() == 1);
    }
    CHECK(faults.size() >= 4);
    CHECK(bench.parked().empty());
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("row 11: Retry-After is kept as seconds, as a date, and up to 15 minutes")
{
    struct Asked {
        std::string value;
        std::chrono::milliseconds least;
        std::chrono::milliseconds most;
    };
    const auto now = std::time(nullptr);
    const auto asked = GENERATE_COPY(Asked{"7", 7s, 7s}, Asked{fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now + 300)), 280s, 300s},
                                     Asked{"1000000000", 15min, 15min}, // no wait at all would be a loop: then it is as if nothing had been asked
                                     Asked{"0", 1s, 2s}, Asked{"Sun, 06 Nov 1994 08:49:37 GMT", 1s, 2s});
    INFO(asked.value);
    std::atomic<int> requests = 0;
    const FakeServer server{[&](const auto&) { return ++requests == 1 ? reply(429, "", {"Retry-After: " + asked.value}) : reply(200, ""); }};
    Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
    bench.write(numbered(1, 3));

    const auto wait = bench.step().wait;
    CHECK(wait >= asked.least);
    CHECK(wait <= asked.most);
    bench.time += wait - 1ms;
    (void)bench.step();
    CHECK(requests == 1);
    bench.time += 1ms;
    (void)bench.step();
    CHECK(requests == 2);
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("row 12: while the receiver does not let us in nothing is lost, and a new token is used without a restart")
{
    const int status = GENERATE(401, 403, 404);
    std::atomic<bool> mended = false;
    Intake intake;
    const FakeServer server{[&](const FakeServer::Request& request) {
        if (!mended || request.headers.at("authorization") != "Bearer new") return reply(status, "no");
        intake.take(uids_in(request.body));
        return reply(200, "");
    }};
    Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
    bench.sink.token_file = bench.directory().write("token", "old");
    bench.restart();
    bench.write(numbered(1, 700));

    bench.run(10min);
    bench.directory().write("token", "new\n");
    mended = true;
    bench.write(numbered(701, 1000));
    bench.run();

    CHECK(intake.taken() == uids(1, 1000));
    CHECK(bench.parked().empty());
    REQUIRE(bench.changes.size() == 2);
    CHECK(bench.changes[0].now == (status == 404 ? State::paused : State::auth_failed));
    CHECK(bench.changes[1].now == State::ok);
    CHECK(server.requests().size() < 20); // at the cap, not in a loop
}

TEST_CASE("row 13: a receiver that is gone for good is not sent to again; a redirect is not followed")
{
    const int status = GENERATE(410, 301, 302, 307, 308);
    INFO(status);
    const FakeServer elsewhere{[](const auto&) { return reply(200, ""); }};
    const FakeServer server{[&](const auto&) { return reply(status, "", {"Location: " + elsewhere.url("/stolen")}); }};
    Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
    bench.sink.token_file = bench.directory().write("token", "hunter2");
    bench.restart();
    bench.write(numbered(1, 3));

    bench.run(24h);

    CHECK(elsewhere.requests().empty());
    CHECK(bench.backlog().events == 3);
    REQUIRE(bench.changes.size() == 1);
    CHECK(bench.changes[0].reason == fmt::format("http_{}", status));
    CHECK(bench.changes[0].now == (status == 410 ? State::disabled : State::paused));
    if (status == 410) CHECK(server.requests().size() == 1);
    if (status != 410) CHECK(server.requests().size() > 100);
}

TEST_CASE("row 22: what Sumo Logic wants again it gets, over new connections where it closed the idle ones")
{
    std::atomic<int> requests = 0;
    Intake intake;
    const FakeServer server{[&](const FakeServer::Request& request) {
        const int number = ++requests;
        if (number % 5 == 1) return reply(408, "");
        if (number % 5 == 3) return reply(429, "");
        intake.take(uids_in(body_of(request)));
        auto taken = reply(200, "");
        taken.then = Then::close; // without having said so
        return taken;
    }};
    Bench bench{[&](auto& sink) {
                    at(sink, server, config::Sink::Type::sumologic);
                    sink.batch_events = 10;
                },
                real(sinks::k_sumologic)};
    bench.write(numbered(1, 300));

    bench.run();

    CHECK(intake.first_taken() == uids(1, 300));
    CHECK(bench.courier->facts().retries.at("transient") >= 10);
    CHECK(bench.parked().empty());
    CHECK(bench.backlog().events == 0);
}

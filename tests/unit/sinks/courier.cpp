// SPDX-License-Identifier: Apache-2.0
#include "sinks/courier.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "scripted.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using sinks::State;
using Requests = std::vector<std::vector<std::string>>;

namespace {

/// Gives these answers one after the other, then `delivered`.
std::function<Delivery(Receiver::Events)> in_turn(std::vector<Delivery> answers)
{
    return [answers = std::move(answers), next = std::size_t{0}](Receiver::Events) mutable {
        return next < answers.size() ? answers[next++] : Delivery{.answer = Answer::delivered};
    };
}

/// Refuses whatever has one of these in it.
std::function<Delivery(Receiver::Events)> poisoned_by(std::set<std::string> poison)
{
    return [poison = std::move(poison)](Receiver::Events events) {
        const bool refused = std::ranges::any_of(events, [&](const auto& row) { return poison.contains(row.uid); });
        return refused ? Delivery{.answer = Answer::event_fault, .reason = "http_400", .status = 400, .detail = "no such field"}
                       : Delivery{.answer = Answer::delivered};
    };
}

} // namespace

TEST_CASE("events are delivered in order, in batches, and acknowledged")
{
    Bench bench{[](auto& sink) { sink.batch_events = 4; }};
    bench.write(numbered(1, 10));
    bench.run();
    CHECK(bench.receiver.taken == uids(1, 10));
    CHECK(bench.receiver.requests.size() == 3);
    CHECK(bench.backlog().events == 0);
    const auto facts = bench.courier->facts();
    CHECK(facts.events == 10);
    CHECK(facts.state == State::ok);
    CHECK(facts.last_success == 1'787'303'700'000);
    CHECK(bench.changes.empty());
}

TEST_CASE("events linger for others until the batch is full or the time is over")
{
    Bench bench{[](auto& sink) {
        sink.linger = 2s;
        sink.batch_events = 3;
    }};
    bench.write(numbered(1, 1));
    CHECK(bench.step().wait == 2s);
    bench.time += 500ms;
    bench.write(numbered(2, 2));
    CHECK(bench.step().wait == 1500ms);
    CHECK(bench.receiver.requests.empty());
    bench.time += 1500ms;
    bench.step();
    CHECK(bench.receiver.requests == Requests{uids(1, 2)});
    bench.write(numbered(3, 5));
    bench.step();
    CHECK(bench.receiver.requests.back() == uids(3, 5)); // full
    bench.write(numbered(6, 6));
    CHECK(bench.step().wait == 2s);
    bench.courier->step({}, true); // a flush does not linger
    CHECK(bench.receiver.requests.back() == uids(6, 6));
}

TEST_CASE("what the filter leaves out is passed over")
{
    Bench bench{[](auto& sink) {
        sink.namespaces = {"pay*"};
        sink.min_severity = config::Events::MinSeverity::high;
    }};
    auto events = numbered(1, 3000);
    for (std::size_t i = 0; i < events.size() - 1; ++i)
        events[i].ns = i % 2 == 0 ? "shop" : "";
    bench.write(std::vector(events.begin(), events.begin() + 1000));
    bench.write(std::vector(events.begin() + 1000, events.begin() + 2000));
    bench.write(std::vector(events.begin() + 2000, events.end()));
    bench.run();
    CHECK(bench.receiver.taken == uids(3000, 3000));
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a least severity is one of findings: heartbeats and health events pass")
{
    Bench bench{[](auto& sink) { sink.min_severity = config::Events::MinSeverity::high; }};
    auto events = numbered(1, 4);
    events[0].severity = 1;
    events[1].event_class = "summary";
    events[1].severity = 1;
    events[2].event_class = "health";
    events[2].severity = 1;
    bench.write(events);
    bench.run();
    CHECK(bench.receiver.taken == uids(2, 4));
}

TEST_CASE("a transient failure is waited out with full jitter, and Retry-After wins up to 15 minutes")
{
    Bench bench;
    bench.write(numbered(1, 2));
    const Delivery busy{.answer = Answer::transient, .reason = "http_503", .status = 503, .detail = "busy"};
    auto asks = busy;
    asks.wait = 7s;
    auto asks_much = busy;
    asks_much.wait = 1'000'000'000s;
    bench.receiver.answer = in_turn({busy, busy, busy, busy, busy, busy, busy, busy, busy, busy, busy, asks, asks_much});
    std::vector<std::chrono::milliseconds> waits;
    for (int i = 0; i < 13; ++i) {
        const auto next = bench.step();
        CHECK_FALSE(next.idle);
        waits.push_back(next.wait);
        // New events do not shorten the wait.
        CHECK(bench.step().wait == next.wait);
        bench.time += next.wait;
    }
    CHECK(waits[0] == 1500ms); // the middle of 1 s to 2 s
    CHECK(waits[1] == 2500ms);
    CHECK(waits[2] == 4500ms);
    CHECK(waits[10] == 150'500ms); // the middle of 1 s to 5 min
    CHECK(waits[11] == 7s);
    CHECK(waits[12] == 15min);
    CHECK(bench.courier->facts().state == State::retrying);
    CHECK(bench.courier->facts().last_error == "busy");
    bench.run();
    CHECK(bench.receiver.taken == uids(1, 2));
    const auto facts = bench.courier->facts();
    CHECK(facts.state == State::ok);
    CHECK(facts.failures.at("transient") == 26);
    CHECK(facts.retries.at("transient") == 13);
}

TEST_CASE("a fault of the sink pauses it once, keeps everything and is tried again at the cap")
{
    Bench bench{[](auto& sink) { sink.retry_cap = 60s; }};
    bench.write(numbered(1, 5));
    const Delivery refused{.answer = Answer::sink_fault, .reason = "token", .status = 401, .detail = "HTTP 401"};
    const Delivery slow{.answer = Answer::transient, .reason = "timeout"};
    bench.receiver.answer = in_turn({refused, refused, slow, refused});
    const auto took = bench.run();
    CHECK(took >= 3 * 30s);
    CHECK(bench.receiver.taken == uids(1, 5));
    CHECK(bench.parked().empty());
    REQUIRE(bench.changes.size() == 2); // one pause, one recovery
    CHECK(bench.changes[0].now == State::auth_failed);
    CHECK(bench.changes[0].reason == "token");
    CHECK(bench.changes[1].before == State::auth_failed);
    CHECK(bench.changes[1].now == State::ok);
    CHECK(bench.courier->facts().failures.at("sink_fault") == 15);
}

TEST_CASE("a receiver that is gone is not sent to again, until a test is taken")
{
    Bench bench;
    bench.write(numbered(1, 3));
    bench.receiver.answer = in_turn({{.answer = Answer::disabled, .reason = "http_410", .status = 410}});
    bench.run();
    bench.time += 24h;
    bench.run();
    CHECK(bench.receiver.requests.size() == 1);
    CHECK(bench.courier->facts().state == State::disabled);
    CHECK(bench.backlog().events == 3);
    CHECK(must(bench.courier->test(event("t"), {})) == "soc: taken");
    bench.run();
    CHECK(bench.receiver.taken == std::vector<std::string>{"t", "e1", "e2", "e3"});
}

TEST_CASE("what is too large is halved, and a single event shortened once, then parked")
{
    Bench bench{[](auto& sink) { sink.batch_events = 8; }};
    auto events = numbered(1, 8);
    for (auto& row : events)
        row.body.insert(1, fmt::format(R"("{}":["{}"],)", row.uid == "e6" ? "title" : "evidences", std::string(400, 'x'))); // a title stays
    bench.write(events);
    bench.receiver.answer = [](Receiver::Events batch) {
        std::size_t bytes = 0;
        for (const auto& row : batch)
            bytes += row.body.size() + (row.uid == "e6" || (row.uid == "e3" && row.body.size() > 400) ? 1000U : 0U);
        return bytes > 1000 ? Delivery{.answer = Answer::too_large, .reason = "http_413", .status = 413} : Delivery{.answer = Answer::delivered};
    };
    bench.run();
    CHECK(bench.receiver.taken == std::vector<std::string>{"e1", "e2", "e3", "e4", "e5", "e7", "e8"});
    CHECK(bench.receiver.bodies[2].size() < 400);
    CHECK_THAT(bench.receiver.bodies[2], Catch::Contains(R"("is_truncated":true)"));
    CHECK(bench.parked() == std::vector<std::string>{"e6"});
    CHECK(bench.backlog().events == 0);
    CHECK(bench.courier->facts().failures.count("too_large") == 1);
}

TEST_CASE("what is too large among events that are answered one by one comes again alone, is shortened, and then parked")
{
    Bench bench;
    auto events = numbered(1, 6);
    for (const auto index : {1U, 2U, 4U})
        events[index].body.insert(1, fmt::format(R"("{}":["{}"],)", index == 4U ? "title" : "evidences", std::string(400, 'x'))); // a title stays
    bench.write(events);
    bench.receiver.answer = [](Receiver::Events batch) {
        Delivery delivery{.answer = Answer::transient, .reason = "item_413", .status = 413};
        for (const auto& row : batch)
            delivery.items.push_back(row.body.size() > 400 ? Answer::too_large : Answer::delivered);
        return delivery;
    };
    bench.run();
    CHECK(bench.receiver.taken.size() == 5);
    CHECK(bench.parked() == uids(5, 5));
    CHECK(bench.receiver.requests.size() < 12);
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a lone event that is too large is parked, whatever the receiver took before")
{
    Bench bench;
    auto events = numbered(1, 1);
    events[0].body.insert(1, "\"stubborn\":1,");
    bench.write(events);
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::too_large, .reason = "http_413", .status = 413}; };
    bench.run();
    CHECK(bench.parked() == uids(1, 1));
    CHECK(bench.courier->facts().state == State::ok);
}

TEST_CASE("one poison event of 500 is found, tried three times and parked; the others arrive once, in order")
{
    const int poison = GENERATE(1, 2, 250, 251, 377, 499, 500);
    Bench bench;
    bench.write(numbered(1, 500));
    bench.receiver.answer = poisoned_by({"e" + std::to_string(poison)});
    bench.run();
    auto expected = uids(1, 500);
    std::erase(expected, "e" + std::to_string(poison));
    CHECK(bench.receiver.taken == expected);
    CHECK(bench.parked() == uids(poison, poison));
    CHECK(bench.receiver.requests.size() <= 2 * 9 + 3);
    CHECK(std::ranges::count(bench.receiver.requests, uids(poison, poison)) == 3);
    CHECK(bench.backlog().events == 0);
    const auto parked = must(bench.store->parked("soc", 10));
    CHECK(parked[0].reason == "http_400");
    CHECK(parked[0].status == 400);
}

TEST_CASE("several poison events are all found")
{
    Bench bench;
    bench.write(numbered(1, 64));
    bench.receiver.answer = poisoned_by({"e1", "e2", "e3", "e30", "e31", "e64"});
    bench.run();
    CHECK(bench.parked() == std::vector<std::string>{"e1", "e2", "e3", "e30", "e31", "e64"});
    CHECK(bench.receiver.taken.size() == 58);
    CHECK(std::ranges::is_sorted(bench.receiver.taken, {}, [](const auto& uid) { return std::stoi(uid.substr(1)); }));
}

TEST_CASE("a receiver that refuses everything is at fault itself: nothing is parked")
{
    Bench bench{[](auto& sink) { sink.batch_events = GENERATE(1, 500); }};
    bench.write(numbered(1, 100));
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::event_fault, .reason = "hec_7", .status = 400}; };
    bench.run(6h);
    CHECK(bench.parked().empty());
    CHECK(bench.backlog().events == 100);
    CHECK(bench.courier->facts().state == State::paused);
    CHECK(bench.changes.size() == 1);
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::delivered}; }; // the index is there now
    bench.run();
    CHECK(bench.receiver.taken == uids(1, 100));
    CHECK(bench.changes.size() == 2);
}

TEST_CASE("a lone refused event is parked where the receiver took others before, and kept where it never took any")
{
    Bench bench;
    const bool others_before = GENERATE(true, false);
    if (others_before) {
        bench.write(numbered(1, 3));
        bench.run();
    }
    bench.receiver.answer = poisoned_by({"e4"});
    bench.write(numbered(4, 4));
    bench.run(10min);
    CHECK(bench.parked() == (others_before ? uids(4, 4) : std::vector<std::string>{}));
    CHECK((bench.courier->facts().state == State::paused) == !others_before);
    bench.write(numbered(5, 5));
    bench.run();
    CHECK(bench.receiver.taken.back() == "e5");
    CHECK(bench.parked() == uids(4, 4));
}

TEST_CASE("of a failed batch, what was taken is not sent again")
{
    Bench bench;
    bench.write(numbered(1, 100));
    SECTION("the receiver was busy from an event on")
    {
        bench.receiver.answer = in_turn({{.answer = Answer::transient, .accepted_first = 10, .reason = "hec_9", .status = 503}});
        bench.run();
        CHECK(bench.receiver.requests[1] == uids(11, 100));
        CHECK(bench.receiver.taken == uids(1, 100));
    }
    SECTION("the receiver names the event that it refuses")
    {
        bench.receiver.answer = [](Receiver::Events events) -> Delivery {
            const auto found = std::ranges::find(events, "e31", &state::EventRow::uid);
            if (found == events.end()) return {.answer = Answer::delivered};
            return {
                .answer = Answer::event_fault, .accepted_first = static_cast<std::size_t>(found - events.begin()), .reason = "hec_6", .status = 400};
        };
        bench.run();
        CHECK(bench.receiver.requests.size() == 5); // all; the one three times; the rest
        CHECK(bench.parked() == uids(31, 31));
        CHECK(bench.receiver.taken.size() == 99);
    }
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("where the receiver answers for each event, only those that failed are dealt with")
{
    Bench bench;
    bench.write(numbered(1, 4));
    bench.receiver.answer = in_turn({{.answer = Answer::transient,
                                      .items = {Answer::delivered, Answer::delivered, Answer::transient, Answer::event_fault},
                                      .reason = "item_400",
                                      .status = 400}});
    bench.run();
    CHECK(bench.receiver.requests == Requests{uids(1, 4), uids(3, 3)});
    CHECK(bench.parked() == uids(4, 4));
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a bulk receiver that refuses each event has none of them parked")
{
    Bench bench;
    bench.write(numbered(1, 40));
    bench.receiver.answer = [](Receiver::Events events) {
        return Delivery{.answer = Answer::event_fault, .items = std::vector(events.size(), Answer::event_fault), .reason = "item_400", .status = 400};
    };
    bench.run(1h);
    CHECK(bench.parked().empty());
    CHECK(bench.courier->facts().state == State::paused);
}

TEST_CASE("events that the receiver dropped without naming them are counted")
{
    Bench bench;
    bench.write(numbered(1, 4));
    bench.receiver.answer = in_turn({{.answer = Answer::delivered, .rejected = 3, .detail = "3 rejected"}});
    bench.run();
    CHECK(bench.receiver.requests.size() == 1);
    CHECK(bench.courier->facts().lost.at("rejected") == 3);
}

TEST_CASE("what is sent is acknowledged when the receiver confirms it")
{
    Bench bench{[](auto& sink) { sink.batch_events = 2; }};
    bench.write(numbered(1, 6));
    sinks::Confirmation news;
    bench.receiver.confirmation = [&] { return std::exchange(news, {}); };
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::sent}; };
    bench.run(10s);
    CHECK(bench.receiver.taken == uids(1, 6)); // further batches do not wait
    CHECK(bench.backlog().events == 6);
    news.through = 4;
    bench.run(10s);
    CHECK(bench.backlog().events == 2);
    news = {.broken = true, .reason = "ack_timeout"};
    bench.run(10s);
    CHECK(bench.receiver.taken.size() == 8);
    CHECK(bench.receiver.requests.back() == uids(5, 6));
    CHECK(bench.courier->facts().retries.at("replay") == 1);
    news.through = 6;
    bench.run();
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a restart sends again what was not confirmed, byte for byte")
{
    Bench bench;
    bench.write(numbered(1, 3));
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::sent}; };
    bench.run(5s);
    bench.restart();
    bench.receiver.answer = [](auto) { return Delivery{.answer = Answer::delivered}; };
    bench.run();
    REQUIRE(bench.receiver.taken.size() == 6);
    CHECK(std::equal(bench.receiver.bodies.begin(), bench.receiver.bodies.begin() + 3, bench.receiver.bodies.begin() + 3));
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("parked events that are tried again are unparked, or parked again after one refusal")
{
    Bench bench;
    const bool needs_confirmation = GENERATE(false, true);
    bench.write(numbered(1, 6));
    bench.receiver.answer = poisoned_by({"e2", "e4"});
    bench.run();
    REQUIRE(bench.parked() == std::vector<std::string>{"e2", "e4"});
    must(bench.store->retry_parked("soc"));
    bench.receiver.requests.clear();
    auto refuses = poisoned_by({"e4"});
    bench.receiver.answer = [&](Receiver::Events events) {
        auto delivery = refuses(events);
        if (delivery.answer == Answer::delivered && needs_confirmation) delivery.answer = Answer::sent;
        return delivery;
    };
    bench.receiver.confirmation = [] { return sinks::Confirmation{.through = 2}; };
    bench.run();
    CHECK(bench.parked() == std::vector<std::string>{"e4"});
    CHECK(bench.receiver.requests == Requests{std::vector<std::string>{"e2", "e4"}, uids(2, 2), uids(4, 4)});
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("a test goes past a back-off and says what became of it")
{
    Bench bench;
    bench.write(numbered(1, 1));
    const Delivery refused{.answer = Answer::sink_fault, .reason = "http_403", .status = 403, .detail = "HTTP 403: no"};
    bench.receiver.answer = in_turn({refused, refused});
    bench.step();
    const auto result = bench.courier->test(event("t"), {});
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == Error::Kind::unauthorized);
    CHECK(result.error().message == "soc: HTTP 403: no");
    CHECK(must(bench.courier->test(event("t"), {})) == "soc: taken");
    CHECK(bench.step().wait == 0ms);
    CHECK(bench.receiver.taken.back() == "e1");
}

TEST_CASE("a detail is one printable line of at most 500 bytes")
{
    Bench bench;
    bench.write(numbered(1, 1));
    bench.receiver.answer = in_turn({{.answer = Answer::transient, .detail = "a\x1b[31m\n" + std::string(2000, 'x')}});
    bench.step();
    const auto error = bench.courier->facts().last_error;
    CHECK(error.size() <= 500);
    CHECK(error.find_first_of("\x1b\n") == std::string::npos);
}

TEST_CASE("what was sent is asked about while what follows waits for its next try")
{
    Bench bench{[](auto& sink) {
        sink.batch_events = 1;
        sink.retry_base = 1min;
    }};
    bench.receiver.answer = [&](Receiver::Events events) {
        return events.front().uid == "e1" ? Delivery{.answer = Answer::sent} : Delivery{.answer = Answer::transient, .reason = "refused"};
    };
    bench.receiver.confirmation = [] { return sinks::Confirmation{.through = 1}; };
    bench.write(numbered(1, 2));
    bench.time += bench.step().wait;
    const auto wait = bench.step().wait;
    CHECK(wait <= 1s);
    bench.time += wait;
    (void)bench.step();
    CHECK(bench.backlog().events == 1);
}

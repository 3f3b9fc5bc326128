// SPDX-License-Identifier: Apache-2.0
// Sinks, their positions, what is parked and what is given up.
#include <algorithm>
#include <numeric>

#include "spool.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

using Names = std::vector<std::string>;

bool all_of_them(const state::EventRow& /*event*/)
{
    return true;
}

std::vector<state::EventRow> events(int count, std::size_t body_bytes = 10)
{
    std::vector<state::EventRow> rows;
    for (int i = 1; i <= count; ++i)
        rows.push_back(event("e" + std::to_string(i), body_bytes));
    return rows;
}

std::optional<state::Dropped> dropped(state::Store& store)
{
    std::optional<state::Dropped> found;
    must(store.write([&](state::Writer& writer) -> Result<void> {
        found = must(writer.dropped());
        return {};
    }));
    return found;
}

/// Appends events of 3 kB until one was given up. Gives how many.
int fill_until_dropped(state::Store& store)
{
    int written = 0;
    while (!dropped(store)) {
        must(store.write([&](state::Writer& writer) -> Result<void> {
            for (int i = 0; i < 100 && !must(writer.dropped()); ++i)
                SEAWORTHY_TRY(writer.append(event("fill" + std::to_string(++written))).map([](bool) {}));
            return {};
        }));
    }
    return written;
}

} // namespace

TEST_CASE("each sink has a position of its own, and what all have is deleted", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    write(*store, events(4));
    must(store->acknowledge("a", 3));
    CHECK(uids(waiting(*store, "a")) == Names{"e4"});
    CHECK(uids(waiting(*store, "b")) == Names{"e1", "e2", "e3", "e4"});
    must(store->acknowledge("b", 2));
    must(store->set_sinks({"a", "b", "c"})); // c starts at the oldest that is there
    CHECK(uids(waiting(*store, "c")) == Names{"e3", "e4"});
}

TEST_CASE("a position only moves forward, and not past what there is", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, events(3));
    must(store->acknowledge("a", 2));
    must(store->acknowledge("a", 1));
    CHECK(uids(waiting(*store, "a")) == Names{"e3"});
    must(store->acknowledge("a", 1'000'000));
    write(*store, {event("e4")});
    CHECK(uids(waiting(*store, "a")) == Names{"e4"});
}

TEST_CASE("a sink that is gone holds nothing back, and comes back without a position", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    write(*store, events(3));
    must(store->acknowledge("a", 2));
    must(store->park("b", 1, "mapping", 400));
    must(store->set_sinks({"a"}));
    CHECK(refusal_of(store->backlog("b")).kind == Error::Kind::not_found);
    must(store->set_sinks({"a", "b"}));
    CHECK(uids(waiting(*store, "b")) == Names{"e3"}); // 1 and 2 went with b
    CHECK(must(store->backlog("b")).parked == 0);
}

TEST_CASE("events that nobody waits for stay for the sink that comes", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    write(*store, events(2));
    must(store->set_sinks({}));
    must(store->set_sinks({"a"}));
    CHECK(uids(waiting(*store, "a")) == Names{"e1", "e2"});
}

TEST_CASE("a batch keeps to its limits, but one event is always given", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, {event("small1", 100), event("small2", 100), event("large", 5000), event("small3", 100)});
    const auto of_two = must(store->pending("a", 0, {.events = 2}, all_of_them));
    CHECK(uids(of_two.events) == Names{"small1", "small2"});
    CHECK(of_two.through == 2);
    const auto of_1000 = must(store->pending("a", 0, {.bytes = 1000}, all_of_them));
    CHECK(uids(of_1000.events) == Names{"small1", "small2"});
    CHECK(of_1000.through == 2);
    const auto large = must(store->pending("a", 2, {.bytes = 1000}, all_of_them));
    CHECK(uids(large.events) == Names{"large"});
    CHECK(large.through == 3);
    CHECK(must(store->pending("a", 4, {}, all_of_them)).through == 0);
}

TEST_CASE("a filter sees what an event is about, and what it leaves out is looked at once", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    auto rows = events(3000);
    rows[2999].severity = 5;
    write(*store, rows);
    const auto critical = [](const state::EventRow& event) {
        CHECK(event.body.empty());
        return event.severity >= 5;
    };
    Names found;
    int calls = 0;
    for (std::int64_t after = 0;; ++calls) {
        const auto pending = must(store->pending("a", after, {}, critical));
        if (pending.through == 0) break;
        CHECK(pending.through > after);
        after = pending.through;
        for (const auto& event : pending.events)
            found.push_back(event.uid);
    }
    CHECK(found == Names{"e3000"});
    CHECK(calls == 2); // 2,000 at a time, so that others get their turn
}

TEST_CASE("a parked event lets others pass, is listed with its reason, and is tried again on request", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    write(*store, events(3));
    must(store->park("a", 2, "mapper_parsing_exception", 400));
    CHECK(uids(waiting(*store, "a")) == Names{"e1", "e3"});
    CHECK(uids(waiting(*store, "b")) == Names{"e1", "e2", "e3"});
    must(store->acknowledge("a", 3));
    must(store->acknowledge("b", 3));
    const auto parked = must(store->parked("a", 10));
    REQUIRE(parked.size() == 1);
    CHECK(parked[0].event.uid == "e2");
    CHECK(parked[0].event.body == event("e2", 10).body);
    CHECK(parked[0].reason == "mapper_parsing_exception");
    CHECK(parked[0].status == 400);
    CHECK(parked[0].at == spool.options().now());
    CHECK(must(store->pending("a", 0, {}, all_of_them)).through == 0);

    CHECK(must(store->retry_parked("a")) == 1);
    write(*store, {event("e4")});
    const auto again = must(store->pending("a", 0, {}, all_of_them));
    CHECK(again.retried);
    CHECK(uids(again.events) == Names{"e2"});
    CHECK(again.through == 3);
    SECTION("delivered")
    {
        must(store->unpark("a", 2));
        CHECK(must(store->parked("a", 10)).empty());
    }
    SECTION("refused again")
    {
        must(store->park("a", 2, "still", 400));
        CHECK(must(store->parked("a", 10)).at(0).reason == "still");
    }
    const auto next = must(store->pending("a", 0, {}, all_of_them));
    CHECK_FALSE(next.retried);
    CHECK(uids(next.events) == Names{"e4"});
}

TEST_CASE("what was sent and not yet acknowledged is not mixed with parked events", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, events(3));
    must(store->park("a", 1, "r", 400));
    must(store->acknowledge("a", 1));
    must(store->retry_parked("a"));
    CHECK(uids(must(store->pending("a", 2, {}, all_of_them)).events) == Names{"e3"}); // 2 is in flight
    CHECK(uids(must(store->pending("a", 1, {}, all_of_them)).events) == Names{"e1"});
}

TEST_CASE("a queue that ends with a parked event comes to its end", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, events(2));
    must(store->acknowledge("a", 1));
    must(store->park("a", 2, "r", 400)); // and killed before the acknowledgement
    const auto pending = must(store->pending("a", 0, {}, all_of_them));
    CHECK(pending.events.empty());
    CHECK(pending.through == 2);
    must(store->acknowledge("a", 2));
    CHECK(must(store->pending("a", 0, {}, all_of_them)).through == 0);
}

TEST_CASE("an event is deleted once no sink waits for it and none has it parked", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    const auto left = [&] { // what a sink that comes now would get
        must(store->set_sinks({"a", "b", "new"}));
        auto names = uids(waiting(*store, "new"));
        must(store->set_sinks({"a", "b"}));
        return names;
    };
    must(store->set_sinks({"a", "b"}));
    write(*store, events(3));
    must(store->park("a", 1, "r", 400));
    must(store->park("a", 2, "r", 400));
    must(store->park("b", 2, "r", 400));
    must(store->acknowledge("a", 3));
    CHECK(left() == Names{"e1", "e2", "e3"});
    must(store->unpark("a", 1)); // b has yet to get it
    CHECK(left() == Names{"e1", "e2", "e3"});
    must(store->acknowledge("b", 3));
    CHECK(left() == Names{"e2"});
    must(store->unpark("a", 2));
    CHECK(left() == Names{"e2"});
    CHECK(must(store->drop_parked("b")) == 1);
    CHECK(left().empty());
    CHECK(must(store->backlog("b")).dropped == 1);
    CHECK(must(store->backlog("b")).discarded == 1);
    CHECK_FALSE(dropped(*store)); // on request, so not to be reported
}

TEST_CASE("the backlog counts what waits", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    auto rows = events(4, 100);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].created = static_cast<std::int64_t>(5'000 + i);
    write(*store, rows);
    must(store->acknowledge("a", 1));
    must(store->park("a", 2, "r", 0));
    const auto backlog = must(store->backlog("a"));
    CHECK(backlog.events == 2);
    CHECK(backlog.bytes == static_cast<std::int64_t>(rows[2].body.size() + rows[3].body.size()));
    CHECK(backlog.oldest == 5'002);
    CHECK(backlog.parked == 1);
    CHECK(backlog.dropped == 0);
    must(store->acknowledge("b", 4));
    const auto none = must(store->backlog("b"));
    CHECK(none.events == 0);
    CHECK(none.bytes == 0);
    CHECK(none.oldest == 0);
}

TEST_CASE("a full database gives the oldest events up with the insertion that needs their room, and counts them", "[outbox]")
{
    const Spool spool{2 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    write(*store, {event("first")});
    must(store->acknowledge("a", 1));
    const int written = fill_until_dropped(*store);
    const auto lost = dropped(*store);
    REQUIRE(lost);
    CHECK(lost->first_sequence == 1);
    CHECK(lost->last_sequence == lost->count);
    const auto last = "fill" + std::to_string(written);
    CHECK(waiting(*store, "b").back().uid == last);
    CHECK(waiting(*store, "b").front().sequence == lost->count + 1);
    CHECK(must(store->backlog("b")).dropped == lost->count);
    CHECK(must(store->backlog("b")).expired + must(store->backlog("b")).discarded == 0);
    CHECK(lost->expired == 0);
    CHECK(must(store->backlog("a")).dropped == lost->count - 1); // it had the first
    must(store->write([](state::Writer& writer) { return writer.dropped_reported(); }));
    CHECK_FALSE(dropped(*store));
    CHECK(must(store->backlog("b")).dropped == lost->count);
}

TEST_CASE("what a transaction gives up it can report itself; undone, nothing was given up", "[outbox]")
{
    const Spool spool{2 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    const auto too_many = [](state::Writer& writer) -> Result<void> {
        for (int i = 0; i < 1000; ++i)
            SEAWORTHY_TRY(writer.append(event("e" + std::to_string(i))).map([](bool) {}));
        const auto lost = must(writer.dropped());
        REQUIRE(lost);
        CHECK(lost->count > 400);
        CHECK(lost->last_sequence == lost->count);
        return writer.dropped_reported();
    };
    const auto undone = store->write([&](state::Writer& writer) -> Result<void> {
        SEAWORTHY_TRY(too_many(writer));
        return failure(Error::Kind::cancelled, "no");
    });
    CHECK_FALSE(undone);
    CHECK(must(store->backlog("a")).events == 0);
    CHECK(must(store->backlog("a")).dropped == 0);
    must(store->write(too_many));
    CHECK_FALSE(dropped(*store));
    const auto backlog = must(store->backlog("a"));
    CHECK(backlog.events + backlog.dropped == 1000);
}

TEST_CASE("changes of a finding that a later change supersedes go first", "[outbox]")
{
    const Spool spool{2 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    std::vector<state::EventRow> rows = {event("opened"), changed("other", "f1:y")};
    constexpr int k_changes = 40;
    for (int i = 1; i <= k_changes; ++i)
        rows.push_back(changed("c" + std::to_string(i), "f1:x"));
    write(*store, rows);
    (void)fill_until_dropped(*store);
    const auto lost = dropped(*store);
    REQUIRE(lost);
    REQUIRE(lost->count < k_changes);
    CHECK(lost->first_sequence == 3);
    CHECK(lost->last_sequence == 2 + lost->count);
    const auto names = uids(waiting(*store, "a"));
    CHECK(names[0] == "opened");
    CHECK(names[1] == "other");
    CHECK(names[2] == "c" + std::to_string(lost->count + 1));
}

TEST_CASE("a change that is superseded only within another finding is not given up before its turn", "[outbox]")
{
    const Spool spool{2 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, {event("opened"), changed("x", "f1:x"), changed("y", "f1:y")});
    (void)fill_until_dropped(*store);
    CHECK(waiting(*store, "a").front().uid != "opened");
}

TEST_CASE("parked events count as room, and are given up like others", "[outbox]")
{
    const Spool spool{2 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    write(*store, {event("first")});
    must(store->park("a", 1, "r", 400));
    must(store->acknowledge("a", 1));
    (void)fill_until_dropped(*store);
    CHECK(must(store->backlog("a")).parked == 0);
    CHECK(must(store->parked("a", 5)).empty());
    CHECK(dropped(*store)->first_sequence == 1);
}

TEST_CASE("siem row 32: events older than a time are given up by their own time, whatever the clock did between", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"a", "b"}));
    auto rows = events(5);
    const std::vector<std::int64_t> hours = {10, 9, 11, 10, 12}; // the clock jumped back and forth
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].created = hours[i] * 3'600'000;
    write(*store, rows);
    CHECK(uids(waiting(*store, "a")) == Names{"e1", "e2", "e3", "e4", "e5"}); // in the order of their numbers
    must(store->acknowledge("a", 1));
    CHECK(must(store->drop_older_than(11 * 3'600'000)) == 3);
    CHECK(uids(waiting(*store, "b")) == Names{"e3", "e5"});
    CHECK(must(store->backlog("a")).dropped == 2);
    CHECK(must(store->backlog("b")).dropped == 3);
    CHECK(must(store->backlog("b")).expired == 3);
    const auto lost = dropped(*store);
    REQUIRE(lost);
    CHECK(lost->count == 3);
    CHECK(lost->expired == 3);
    CHECK(lost->first_sequence == 1);
    CHECK(lost->last_sequence == 4);
    CHECK(must(store->drop_older_than(0)) == 0);
}

TEST_CASE("what nobody waits for is no loss when it is too old", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    write(*store, events(2));
    CHECK(must(store->drop_older_than(1'000'000)) == 0);
    CHECK_FALSE(dropped(*store));
    must(store->set_sinks({"late"}));
    CHECK(waiting(*store, "late").empty());
}

TEST_CASE("a sink that nobody set up is an error that names it", "[outbox]")
{
    const Spool spool;
    const auto store = spool.open();
    for (const auto& error : {refusal_of(store->pending("x", 0, {}, all_of_them)), refusal_of(store->acknowledge("x", 1)),
                              refusal_of(store->park("x", 1, "", 0)), refusal_of(store->unpark("x", 1)), refusal_of(store->parked("x", 1)),
                              refusal_of(store->retry_parked("x")), refusal_of(store->drop_parked("x")), refusal_of(store->backlog("x"))}) {
        CHECK(error.kind == Error::Kind::not_found);
        CHECK(error.message.find(" x") != std::string::npos);
    }
}

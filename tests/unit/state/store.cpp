// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/state/store.hpp"

#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include <sys/stat.h>

#include "spool.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

state::FindingRow finding(const std::string& uid)
{
    return {.uid = uid,
            .check = "netpol-ns-default-deny-ingress",
            .resource = "v1/Namespace//payments",
            .phase = "open",
            .status = "fail",
            .severity = "high",
            .episode = 2,
            .revision = 7,
            .first_seen = 1'000,
            .last_change = 2'000,
            .memory = R"({"passes":1})"};
}

Result<void> stop()
{
    return failure(Error::Kind::cancelled, "enough");
}

} // namespace

TEST_CASE("what one transaction wrote is there after a restart, every member of it", "[store]")
{
    const Spool spool;
    {
        const auto store = spool.open();
        CHECK(store->quarantined().empty());
        must(store->write([](state::Writer& writer) -> Result<void> {
            SEAWORTHY_TRY(writer.put(finding("f1:a")));
            SEAWORTHY_TRY(writer.put(finding("f1:b")));
            SEAWORTHY_TRY(writer.append(event("e1", 10)).map([](bool) {}));
            return writer.set_note("baseline", "2026-11-22");
        }));
        must(store->set_sinks({"soc"}));
    }
    const auto store = spool.open();
    CHECK(store->quarantined().empty());
    CHECK(must(store->note("baseline")) == "2026-11-22");
    CHECK(must(store->note("nothing")).empty());
    const auto row = must(store->finding("f1:b"));
    REQUIRE(row);
    const auto expected = finding("f1:b");
    CHECK(row->check == expected.check);
    CHECK(row->resource == expected.resource);
    CHECK(row->phase == expected.phase);
    CHECK(row->status == expected.status);
    CHECK(row->severity == expected.severity);
    CHECK(row->episode == 2);
    CHECK(row->revision == 7);
    CHECK(row->first_seen == 1'000);
    CHECK(row->last_change == 2'000);
    CHECK(row->memory == expected.memory);
    CHECK_FALSE(must(store->finding("f1:c")));
    const auto events = waiting(*store, "soc");
    REQUIRE(events.size() == 1);
    const auto sent = event("e1", 10);
    CHECK(events[0].sequence == 1);
    CHECK(events[0].uid == sent.uid);
    CHECK(events[0].finding == sent.finding);
    CHECK(events[0].code == sent.code);
    CHECK(events[0].event_class == sent.event_class);
    CHECK(events[0].severity == sent.severity);
    CHECK(events[0].control == sent.control);
    CHECK(events[0].check == sent.check);
    CHECK(events[0].ns == sent.ns);
    CHECK(events[0].created == sent.created);
    CHECK(events[0].body == sent.body);
}

TEST_CASE("siem row 4: a transaction that fails has changed nothing, neither states nor events nor notes", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"soc"}));
    const auto failed = store->write([](state::Writer& writer) -> Result<void> {
        SEAWORTHY_TRY(writer.put(finding("f1:a")));
        SEAWORTHY_TRY(writer.append(event("e1")).map([](bool) {}));
        SEAWORTHY_TRY(writer.set_note("baseline", "done"));
        return stop();
    });
    CHECK(refusal_of(failed).message == "enough");
    CHECK_FALSE(must(store->finding("f1:a")));
    CHECK(waiting(*store, "soc").empty());
    CHECK(must(store->note("baseline")).empty());
    write(*store, {event("e2")});
    CHECK(waiting(*store, "soc").at(0).sequence == 1); // nobody has seen the number that was given and taken back
}

TEST_CASE("a finding is replaced, erased, and visited with all others", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->write([](state::Writer& writer) -> Result<void> {
        for (const auto* uid : {"f1:a", "f1:b", "f1:c"})
            SEAWORTHY_TRY(writer.put(finding(uid)));
        auto row = finding("f1:b");
        row.status = "pass";
        SEAWORTHY_TRY(writer.put(row));
        return writer.erase_finding("f1:c");
    }));
    std::map<std::string, std::string> seen;
    must(store->for_each_finding([&](const state::FindingRow& row) { seen[row.uid] = row.status; }));
    CHECK(seen == std::map<std::string, std::string>{{"f1:a", "fail"}, {"f1:b", "pass"}});
}

TEST_CASE("an event tells its number before it is appended, and one whose uid is there already is left as it is", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"soc"}));
    must(store->write([](state::Writer& writer) -> Result<void> {
        CHECK(must(writer.next_sequence()) == 1);
        CHECK(must(writer.append(event("e1", 10))));
        CHECK(must(writer.next_sequence()) == 2);
        CHECK_FALSE(must(writer.append(event("e1", 99))));
        CHECK(must(writer.next_sequence()) == 2);
        CHECK(must(writer.append(event("e2", 10))));
        return {};
    }));
    const auto events = waiting(*store, "soc");
    REQUIRE(events.size() == 2);
    CHECK(events[0].body == event("e1", 10).body);
    CHECK(events[1].sequence == 2);
}

TEST_CASE("numbers of events are not given again, whatever was deleted and however often the store was opened", "[store]")
{
    const Spool spool;
    std::int64_t last = 0;
    for (int round = 0; round < 3; ++round) {
        const auto store = spool.open();
        must(store->set_sinks({"soc"}));
        write(*store, {event("e" + std::to_string(round))});
        const auto events = waiting(*store, "soc");
        REQUIRE(events.size() == 1);
        CHECK(events[0].sequence == last + 1);
        last = events[0].sequence;
        must(store->acknowledge("soc", last));
        CHECK(waiting(*store, "soc").empty());
    }
}

TEST_CASE("what is too long is refused by name, and nothing of it is kept", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    const auto refused = [&](const std::function<Result<void>(state::Writer&)>& body) {
        const auto error = refusal_of(store->write(body));
        CHECK(error.kind == Error::Kind::invalid_input);
        return error.message;
    };
    CHECK(refused([](auto& writer) { return writer.append(event("e", 300'000)).map([](bool) {}); }).find("body") != std::string::npos);
    CHECK(refused([](auto& writer) { return writer.append(event(std::string(300, 'u'))).map([](bool) {}); }).find("uid") != std::string::npos);
    CHECK(refused([](auto& writer) {
              auto row = finding("f");
              row.memory = std::string(5000, 'm');
              return writer.put(row);
          }).find("memory") != std::string::npos);
    CHECK(refused([](auto& writer) { return writer.set_note("n", std::string(5000, 'm')); }).find("note") != std::string::npos);
    CHECK(refusal_of(store->observe("probe", {{"k", 1, std::string(200'000, 'o')}}, 0)).kind == Error::Kind::invalid_input);
}

TEST_CASE("texts come back byte for byte, with quotes, NUL, line feeds and broken UTF-8 in them", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"soc"}));
    auto row = event("e'; DROP TABLE event; --");
    row.ns = std::string{"a\0b\n\xff\xfe\"'", 8};
    row.body = "{\"t\":\"\\u0000 \xf0\x9f\x9a\xa2 \xc3\"}";
    write(*store, {row});
    const auto events = waiting(*store, "soc");
    REQUIRE(events.size() == 1);
    CHECK(events[0].uid == row.uid);
    CHECK(events[0].ns == row.ns);
    CHECK(events[0].body == row.body);
}

TEST_CASE("observations are given back by key and time, the last of the same time, none that is too old", "[store]")
{
    const Spool spool;
    {
        const auto store = spool.open();
        must(store->observe("probe", {{"b", 30, "3"}, {"a", 20, "2"}, {"a", 10, "1"}, {"a", 5, "0"}, {"a", 20, "2b"}}, 10));
        must(store->observe("scrape", {{"a", 1, "other"}}, 0));
    }
    const auto store = spool.open();
    const auto flat = [&](std::string_view kind) {
        std::string all;
        for (const auto& observation : must(store->observations(kind)))
            all += observation.key + std::to_string(observation.at) + "=" + observation.value + " ";
        return all;
    };
    CHECK(flat("probe") == "a10=1 a20=2b b30=3 ");
    must(store->observe("probe", {}, 20));
    CHECK(flat("probe") == "a20=2b b30=3 ");
    CHECK(flat("scrape") == "a1=other ");
    CHECK(flat("none").empty());
}

TEST_CASE("of a key whose newest observation alone is to stay, the last one written does", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->observe("event", {{"a", 10, "1"}, {"b", 10, "1"}}, 0, state::Keep::newest));
    must(store->observe("event", {{"a", 30, "2"}, {"b", 5, "earlier"}}, 0, state::Keep::newest));
    const auto kept = must(store->observations("event"));
    REQUIRE(kept.size() == 2);
    CHECK((kept[0].at == 30 && kept[0].value == "2"));
    CHECK((kept[1].at == 5 && kept[1].value == "earlier"));
}

TEST_CASE("observations keep to the share of their kind, the newest ones", "[store]")
{
    const Spool spool;
    const auto store = spool.open();
    must(store->set_sinks({"soc"}));
    write(*store, {event("e1")});
    must(store->observe("other", {{"key", 1, "old"}}, 0));
    constexpr std::size_t k_bytes = 10'000;
    constexpr std::size_t k_share = 4 * k_mib / 16;
    for (int round = 0; round < 200; ++round) {
        must(store->observe("probe", {{"key", round, std::string(k_bytes, 'x')}}, 0));
        const auto kept = must(store->observations("probe"));
        CHECK(kept.back().at == round);
        CHECK(kept.size() == static_cast<std::size_t>(round - kept.front().at + 1)); // the newest in a row
        CHECK(kept.size() * k_bytes <= k_share + k_share / 16);
        if (round > 25) CHECK(kept.size() * k_bytes > k_share - 2 * k_bytes);
    }
    CHECK(must(store->observations("other")).size() == 1);                 // no other kind was pushed out
    CHECK(uids(waiting(*store, "soc")) == std::vector<std::string>{"e1"}); // events were not pushed out
}

TEST_CASE("the files are their owner's only, and as large from the first start as they will ever be", "[store]")
{
    const Spool spool{8 * k_mib};
    const auto store = spool.open();
    const auto first_bytes = std::filesystem::file_size(spool.path());
    const auto first_log_bytes = std::filesystem::file_size(spool.log());
    CHECK(first_bytes <= 8 * k_mib);
    CHECK(first_bytes >= 8 * k_mib - k_mib / 4);
    for (const auto& file : {spool.path(), spool.log()}) {
        struct stat status = {};
        REQUIRE(stat(file.c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
        CHECK(status.st_blocks * 512 >= static_cast<std::int64_t>(std::filesystem::file_size(file))); // no holes
    }
    must(store->set_sinks({"soc"}));
    for (int round = 0; round < 10; ++round) {
        std::vector<state::EventRow> events;
        for (int i = 0; i < 1000; ++i)
            events.push_back(event("e" + std::to_string(round) + "-" + std::to_string(i)));
        write(*store, events);
        CHECK(std::filesystem::file_size(spool.path()) == first_bytes);
        CHECK(std::filesystem::file_size(spool.log()) == first_log_bytes);
    }
    const auto usage = must(store->usage());
    CHECK(usage.bytes <= usage.capacity);
    CHECK(usage.bytes > usage.capacity / 2);
    CHECK(usage.capacity <= 8 * k_mib);
}

TEST_CASE("a database of a lower limit than before gives the oldest events up, one of a higher limit grows", "[store]")
{
    const Spool spool{8 * k_mib};
    std::vector<state::EventRow> events;
    for (int i = 0; i < 1500; ++i)
        events.push_back(event("e" + std::to_string(i)));
    {
        const auto store = spool.open();
        must(store->set_sinks({"soc"}));
        write(*store, events);
        CHECK(waiting(*store, "soc").size() == 1500);
    }
    auto options = spool.options();
    options.max_bytes = 4 * k_mib;
    {
        const auto store = must(state::Store::open(options));
        write(*store, {event("last")});
        const auto left = waiting(*store, "soc");
        CHECK(left.size() * 3000 < 4 * k_mib);
        CHECK(left.size() > 700);
        CHECK(left.back().uid == "last");
        CHECK(must(store->usage()).bytes <= 4 * k_mib);
    }
    options.max_bytes = 16 * k_mib;
    const auto store = must(state::Store::open(options));
    CHECK(must(store->usage()).capacity <= 16 * k_mib);
    CHECK(must(store->usage()).capacity >= 16 * k_mib - k_mib / 4);
    CHECK(std::filesystem::file_size(spool.path()) == must(store->usage()).capacity);
}

TEST_CASE("threads may call at the same time", "[store]")
{
    const Spool spool{8 * k_mib};
    const auto store = spool.open();
    must(store->set_sinks({"a"}));
    constexpr int k_threads = 4;
    constexpr int k_rounds = 25;
    std::atomic<int> failures = 0;
    std::atomic<int> delivered = 0;
    std::atomic<bool> written = false;
    std::thread worker{[&] {
        for (bool last = false; !last;) {
            last = written;
            for (;;) {
                const auto batch = store->pending("a", 0, {.events = 7}, [](const auto&) { return true; });
                if (!batch || batch->through == 0) break;
                delivered += static_cast<int>(batch->events.size());
                if (!store->acknowledge("a", batch->through)) ++failures;
            }
        }
    }};
    std::vector<std::thread> writers;
    for (int thread = 0; thread < k_threads; ++thread)
        writers.emplace_back([&, thread] {
            for (int round = 0; round < k_rounds; ++round) {
                const auto name = std::to_string(thread) + "-" + std::to_string(round);
                const auto done = store->write([&](state::Writer& writer) -> Result<void> {
                    SEAWORTHY_TRY(writer.put(finding("f1:" + name)));
                    return writer.append(event(name, 100)).map([](bool) {});
                });
                if (!done || !store->backlog("a") || !store->observe("probe", {{name, 1, "x"}}, 0)) ++failures;
            }
        });
    for (auto& writer : writers)
        writer.join();
    written = true;
    worker.join();
    CHECK(failures == 0);
    CHECK(delivered == k_threads * k_rounds);
    CHECK(must(store->observations("probe")).size() == k_threads * k_rounds);
}

// SPDX-License-Identifier: Apache-2.0
// What audits and probes remember over restarts, and what they make of a database that somebody else wrote to.
#include "app/audit_memory.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "app/probe_memory.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/controls/compared_metrics.hpp"
#include "seaworthy/controls/judged_events.hpp"
#include "seaworthy/model/vault.hpp"
#include "support/fake_server.hpp"
#include "support/observation_database.hpp"

using namespace seaworthy;
using namespace seaworthy::app;
using seaworthy::test::FakeServer;
using seaworthy::test::reply;

namespace {

constexpr std::int64_t k_hour = 3600;
constexpr std::int64_t k_now = 1'795'000'000;

using Database = test::ObservationDatabase;

model::Inventory scraped(std::int64_t at, const std::string& body, int status = 200)
{
    model::Inventory inventory;
    inventory.taken_at = Timestamp{at};
    model::ProbeAnswer answer;
    answer.at = Timestamp{at};
    answer.status = status;
    answer.body = body;
    inventory.probes["apiserver:/metrics"].push_back(std::move(answer));
    return inventory;
}

struct PodEvent {
    std::string uid;
    std::int64_t last_seen = k_now;
    int count = 1;
    std::string reason = "Failed";
    std::string message = "Failed to pull image \"nginx\": 429 Too Many Requests";
};

model::Inventory with_events(std::int64_t at, const std::vector<PodEvent>& events)
{
    model::Inventory inventory;
    inventory.taken_at = Timestamp{at};
    auto& texts = inventory.vault().texts;
    for (const auto& from : events) {
        auto& event = inventory.events.emplace_back();
        event.meta.uid = texts.store(from.uid);
        event.meta.ns = texts.store("shop");
        event.meta.name = texts.store("cart." + from.uid);
        event.meta.created = Timestamp{from.last_seen - 400};
        event.involved_kind = texts.store("Pod");
        event.involved_ns = texts.store("shop");
        event.involved_name = texts.store("cart");
        event.involved_uid = texts.store("pod-uid");
        event.type = texts.store("Warning");
        event.reason = texts.store(from.reason);
        event.message = texts.store(from.message);
        event.last_seen = Timestamp{from.last_seen};
        event.count = from.count;
    }
    return inventory;
}

std::vector<std::string> uids(const model::Inventory& inventory)
{
    std::vector<std::string> found;
    for (const auto& event : inventory.events)
        found.push_back(event.meta.uid.str());
    std::ranges::sort(found);
    return found;
}

using Names = std::vector<std::string>;

std::string seen(const model::Inventory& inventory)
{
    const auto* answer = inventory.probe(controls::k_seen_series);
    return answer == nullptr ? "nothing" : answer->body;
}

} // namespace

TEST_CASE("scrapes are compared with those of an earlier process", "[audit_memory]")
{
    Database database;
    {
        ScrapeMemory memory{database.observations()};
        auto first = scraped(k_now, "apiserver_admission_webhook_fail_open_count{name=\"a\"} 1\nother 3\n");
        memory.complete(first);
    }
    database.store.reset();
    database.store = database.open();
    ScrapeMemory memory{database.observations()};
    auto second = scraped(k_now + 2 * k_hour, "apiserver_admission_webhook_fail_open_count{name=\"a\"} 5\n");
    memory.complete(second);
    const auto& answers = second.probes["apiserver:/metrics"];
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].at == Timestamp{k_now});
    CHECK(answers[0].status == 200);
    CHECK(answers[0].body == "apiserver_admission_webhook_fail_open_count{name=\"a\"} 1\n");
}

TEST_CASE("a scrape that somebody else put into the database is held to what scrapes may hold", "[audit_memory]")
{
    Database database;
    database.put("apiserver-scrape", "", k_now - 2 * k_hour, "process_start_time_seconds 5\nup 1\n" + std::string(100'000, 'x'));
    database.put("apiserver-scrape", "zz", k_now - 3 * k_hour, "process_start_time_seconds 6\n"); // out of order
    database.put("apiserver-scrape", "", -5, "process_start_time_seconds 7\n");
    ScrapeMemory memory{database.observations()};
    auto inventory = scraped(k_now, "");
    memory.complete(inventory);
    const auto& answers = inventory.probes["apiserver:/metrics"];
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].body == "process_start_time_seconds 5\n");
}

TEST_CASE("a prober's history is the same after a restart, whatever was answered and however often", "[audit_memory]")
{
    Database database;
    int status = 200;
    const FakeServer server{[&](const auto&) { return status == 0 ? FakeServer::Reply{"", FakeServer::Reply::Then::reset} : reply(status, "body"); }};
    std::int64_t clock = k_now;
    const auto now = [&] { return Timestamp{clock}; };
    check::Outside outside;
    outside.registries = {{.host = "registry.example", .api_url = server.url()}};
    std::minstd_rand random{7};
    probe::History before;
    // Processes that live for a while, on a database that outlives them.
    for (int process = 0; process < 6; ++process) {
        ProbeMemory memory{database.observations(), now};
        probe::Prober prober{{.user_agent = "seaworthy/test", .now = now}};
        prober.restore(memory.load());
        for (int round = 0; round < 12; ++round) {
            constexpr int k_statuses[] = {200, 200, 401, 503, 0};
            if (random() % 3 == 0) status = k_statuses[random() % std::size(k_statuses)];
            prober.run(outside, {}, {});
            memory.save(prober.history());
            clock += 60 + static_cast<std::int64_t>(random() % 900);
        }
        before = prober.history();
    }
    ProbeMemory memory{database.observations(), now};
    const auto after = memory.load();
    REQUIRE(after.size() == 1);
    const auto& old_rows = before.at(server.url("/v2/"));
    const auto& rows = after.at(server.url("/v2/"));
    REQUIRE(rows.size() == old_rows.size());
    CHECK(rows.size() > 10);
    std::uint32_t samples = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i].at == old_rows[i].at);
        CHECK(rows[i].status == old_rows[i].status);
        CHECK(rows[i].error == old_rows[i].error);
        CHECK(rows[i].samples == old_rows[i].samples);
        CHECK(rows[i].body.empty());
        samples += rows[i].samples;
    }
    CHECK(samples == 6 * 12);
}

TEST_CASE("rows with and without a token continue each their own", "[audit_memory]")
{
    Database database;
    const auto now = [] { return Timestamp{k_now}; };
    const auto answer = [](std::int64_t at, int status, std::string authorization, std::uint32_t samples) {
        model::ProbeAnswer row;
        row.at = Timestamp{at};
        row.status = status;
        row.authorization = std::move(authorization);
        row.samples = samples;
        return row;
    };
    ProbeMemory memory{database.observations(), now};
    memory.save({{"https://r/x", {answer(k_now - 60, 401, "", 1), answer(k_now - 60, 200, "anonymous", 1)}}});
    memory.save({{"https://r/x", {answer(k_now - 30, 401, "", 2), answer(k_now - 30, 404, "anonymous", 1)}}});
    ProbeMemory restarted{database.observations(), now};
    const auto rows = restarted.load().at("https://r/x");
    REQUIRE(rows.size() == 3);
    CHECK((rows[0].status == 200 && rows[0].authorization == "anonymous" && rows[0].samples == 1));
    int continued = 0;
    for (const auto& row : rows)
        continued += row.status == 401 && row.samples == 2 && row.authorization.empty() ? 1 : 0;
    CHECK(continued == 1);
}

TEST_CASE("rows that are no answers are left out, the others stay", "[audit_memory]")
{
    Database database;
    int number = 0;
    for (const std::string value :
         {"", "null", "[]", "{", R"({"at":1794990000,"status":200,"error":"","samples":0})",
          R"({"at":1794990000,"status":200,"error":"","samples":1e99})", R"({"at":1794990000,"status":200,"error":"timeout","samples":1})",
          R"({"at":1794990000,"status":0,"error":"","samples":1})", R"({"at":1794990000,"status":-4,"error":"x","samples":1})",
          R"({"at":1895000000,"status":200,"error":"","samples":1})", R"({"at":"1794990000","status":200,"error":"","samples":1})",
          R"({"at":1794990000.5,"status":200,"error":"","samples":1})", R"({"status":200,"error":"","samples":1})"})
        database.put("probe", " https://r/" + std::to_string(++number), k_now - 100, value);
    const std::string good = R"({"at":1794990000,"status":200,"error":"","samples":3})";
    database.put("probe", "without-a-space", k_now - 100, good);
    database.put("probe", "Bearer https://r/token", k_now - 100, good);
    database.put("probe", " https://r/v2/", k_now - 100, good);
    ProbeMemory memory{database.observations(), [] { return Timestamp{k_now}; }};
    const auto history = memory.load();
    REQUIRE(history.size() == 1);
    CHECK(history.at("https://r/v2/").at(0).samples == 3);
}

TEST_CASE("events stay for the window of the rules, though the API server forgets them, also over a restart", "[audit_memory]")
{
    Database database;
    {
        EventMemory memory{database.observations()};
        memory.set_window(std::chrono::hours{6});
        auto first = with_events(k_now, {{.uid = "a"}, {.uid = "b", .count = 4}, {.uid = "noise", .reason = "Scheduled", .message = "assigned"}});
        memory.complete(first);
        CHECK(uids(first) == Names{"a", "b", "noise"});
        auto second = with_events(k_now + k_hour, {{.uid = "b", .last_seen = k_now + k_hour, .count = 9}});
        memory.complete(second);
        CHECK(uids(second) == Names{"a", "b"});
    }
    EventMemory memory{database.observations()};
    memory.set_window(std::chrono::hours{6});
    auto third = with_events(k_now + 6 * k_hour, {});
    memory.complete(third);
    CHECK(uids(third) == Names{"a", "b"});
    const auto b = std::ranges::find(third.events, "b", [](const model::Event& event) { return event.meta.uid.view(); });
    REQUIRE(b != third.events.end());
    CHECK(b->count == 9);
    CHECK(b->last_seen == Timestamp{k_now + k_hour});
    CHECK(b->meta.created == Timestamp{k_now + k_hour - 400});
    CHECK(b->meta.ns == "shop");
    CHECK(b->involved_kind == "Pod");
    CHECK(b->involved_ns == "shop");
    CHECK(b->involved_name == "cart");
    CHECK(b->involved_uid == "pod-uid");
    CHECK(b->type == "Warning");
    CHECK(b->reason == "Failed");
    CHECK(b->message == PodEvent{}.message);
    auto late = with_events(k_now + 6 * k_hour + 10, {});
    memory.complete(late);
    CHECK(uids(late) == Names{"b"});
}

TEST_CASE("where no rule looks back for longer than the API server keeps events, none are kept", "[audit_memory]")
{
    Database database;
    EventMemory memory{database.observations()};
    memory.set_window(std::chrono::hours{1});
    auto first = with_events(k_now, {{.uid = "a"}});
    memory.complete(first);
    auto second = with_events(k_now + 60, {});
    memory.complete(second);
    CHECK(uids(second).empty());
    const auto kept = database.store->observations("event");
    REQUIRE(kept);
    CHECK(kept->empty());
}

TEST_CASE("events that are remembered have an end", "[audit_memory]")
{
    EventMemory memory; // without a database
    memory.set_window(std::chrono::hours{24});
    std::vector<PodEvent> many;
    for (int i = 0; i < 25'000; ++i)
        many.push_back({.uid = std::to_string(i), .last_seen = k_now + i});
    auto first = with_events(k_now + 25'000, many);
    memory.complete(first);
    auto second = with_events(k_now + 25'001, {});
    memory.complete(second);
    CHECK(second.events.size() == 20'000);
    CHECK(std::ranges::none_of(second.events, [](const model::Event& event) { return event.last_seen < Timestamp{k_now + 5'000}; }));
}

TEST_CASE("events that somebody else put into the database are read with care", "[audit_memory]")
{
    Database database;
    const std::string good =
        R"({"ns":"shop","name":"n","podNs":"shop","pod":"cart","podUid":"u","type":"Warning","reason":"Failed","message":"m","created":1,"lastSeen":1794999990,"count":1})";
    const auto spoilt = [&](const std::string& from, const std::string& to) {
        auto text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    database.put("event", "good", k_now - 10, good);
    database.put("event", "no json", k_now - 10, "{\"ns\":");
    database.put("event", "count", k_now - 10, spoilt("\"count\":1", "\"count\":99999999999"));
    database.put("event", "time", k_now - 10, spoilt("1794999990", "1e300"));
    database.put("event", "pod", k_now - 10, spoilt("\"cart\"", "[]"));
    database.put("event", "long", k_now - 10, spoilt("\"m\"", "\"" + std::string(2000, 'm') + "\""));
    EventMemory memory{database.observations()};
    memory.set_window(std::chrono::hours{2});
    auto inventory = with_events(k_now, {});
    memory.complete(inventory);
    CHECK(uids(inventory) == Names{"good"});
}

TEST_CASE("the windows of enabled rules about events say how far back is remembered", "[audit_memory]")
{
    auto settings = config::default_config(controls::catalog()).settings;
    CHECK(controls::longest_event_window(settings) == std::chrono::hours{1});
    auto& check = settings.checks.at("registry-rate-limited");
    check.parameters.values["window"] = std::chrono::milliseconds{std::chrono::hours{12}};
    CHECK(controls::longest_event_window(settings) == std::chrono::hours{12});
    check.enabled = false;
    CHECK(controls::longest_event_window(settings) == std::chrono::hours{1});
}

TEST_CASE("a series that another replica has shown is remembered, also over a restart", "[audit_memory]")
{
    Database database;
    const std::string start = "process_start_time_seconds 1794000000\n";
    {
        SeriesMemory memory{database.observations()};
        auto first = scraped(
            k_now, start + "apiserver_audit_event_total 7\nprocess_cpu_seconds_total 5\napiserver_authorization_decisions_total{type=\"Node\"} 0\n");
        memory.complete(first);
        CHECK(seen(first) == "apiserver_audit_event_total 1\n");
        auto other =
            scraped(k_now + 60, start + "apiserver_audit_event_total 0\napiserver_authorization_decisions_total{type=\"RBAC\",x=\"} \\\"\"} 2\n");
        memory.complete(other);
        CHECK(seen(other) == "apiserver_audit_event_total 1\napiserver_authorization_decisions_total{type=\"RBAC\",x=\"} \\\"\"} 1\n");
    }
    SeriesMemory memory{database.observations()};
    auto later = scraped(k_now + 120, start);
    memory.complete(later);
    CHECK(seen(later) == "apiserver_audit_event_total 1\napiserver_authorization_decisions_total{type=\"RBAC\",x=\"} \\\"\"} 1\n");
}

TEST_CASE("what was seen before the API server that answers had started proves nothing any more", "[audit_memory]")
{
    SeriesMemory memory;
    auto first = scraped(k_now, "process_start_time_seconds 1794000000\napiserver_audit_event_total 7\n");
    memory.complete(first);
    SECTION("it was restarted, and perhaps configured anew")
    {
        auto second = scraped(k_now + 600, "process_start_time_seconds " + std::to_string(k_now + 500) + "\napiserver_audit_event_total 0\n");
        memory.complete(second);
        CHECK(seen(second).empty());
    }
    SECTION("nothing says when it started")
    {
        auto second = scraped(k_now + 600, "apiserver_audit_event_total 0\n");
        memory.complete(second);
        CHECK(seen(second).empty());
    }
    SECTION("it does not answer")
    {
        auto second = scraped(k_now + 600, "", 403);
        memory.complete(second);
        CHECK(seen(second) == "nothing");
    }
    SECTION("it was long ago")
    {
        auto second = scraped(k_now + 9 * 24 * k_hour, "process_start_time_seconds 1794000000\n");
        memory.complete(second);
        CHECK(seen(second).empty());
    }
}

TEST_CASE("series that somebody else put into the database are those of the metrics that count, or none", "[audit_memory]")
{
    Database database;
    for (const std::string key :
         {"up", "apiserver_audit_event_total{", "apiserver_audit_event_total 1\nevil", "apiserver_audit_event_total{a=\"b\"}", ""})
        database.put("apiserver-series", key, k_now - 10, "");
    SeriesMemory memory{database.observations()};
    auto inventory = scraped(k_now, "process_start_time_seconds 1794000000\n");
    memory.complete(inventory);
    CHECK(seen(inventory) == "apiserver_audit_event_total{a=\"b\"} 1\n");
}

// SPDX-License-Identifier: Apache-2.0
// What is promised for a receiver that refuses events. The rows are those of docs/siem.md, "What the promise is tested by".
#include <atomic>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "intake.hpp"
#include "sinks/hec.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using sinks::State;
using Json = nlohmann::json;

namespace {

Bench::Make collector(const std::chrono::milliseconds& time)
{
    return [&time](const config::Sink& sink) {
        return std::make_unique<sinks::Hec>(sink, "seaworthy/test", [&time] { return std::chrono::steady_clock::time_point{time}; });
    };
}

void at_collector(Bench& bench, const FakeServer& server)
{
    at(bench.sink, server, config::Sink::Type::splunk_hec);
    bench.sink.token_file = bench.directory().write("token", "c0ffee");
    bench.restart();
}

/// A bench whose sink is a collector: the transport's clock is the bench's.
struct CollectorBench {
    explicit CollectorBench(const FakeServer& server, const std::function<void(config::Sink&)>& configure = {})
        : bench(configure, [this](const config::Sink& sink) { return collector(bench.time)(sink); })
    {
        at_collector(bench, server);
    }
    Bench bench;
};

std::ptrdiff_t index_of(const std::vector<std::string>& uids, const std::string& uid)
{
    return std::ranges::find(uids, uid) - uids.begin();
}

} // namespace

TEST_CASE("row 14: a poison event among 500 is parked alone, and the others arrive once, in order")
{
    const auto* poison = GENERATE("e1", "e2", "e250", "e377", "e500");
    INFO(poison);
    Intake intake;
    const FakeServer server{[&](const FakeServer::Request& request) {
        const auto uids = uids_in(request.body);
        if (std::ranges::find(uids, poison) != uids.end()) return reply(400, "unknown field");
        intake.take(uids);
        return reply(202, "");
    }};
    Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
    bench.write(numbered(1, 500));

    bench.run();

    CHECK(bench.parked() == std::vector<std::string>{poison});
    CHECK(intake.taken() == without(uids(1, 500), poison));
    CHECK(server.requests().size() <= 2 * 9 + 3);
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("row 15: what a collector took before the event that it names is not sent again")
{
    SECTION("the event is refused")
    {
        Intake intake;
        const FakeServer server{[&](const FakeServer::Request& request) {
            auto uids = uids_in(body_of(request));
            const auto poison = index_of(uids, "e31");
            const bool refused = poison < std::ssize(uids);
            uids.resize(static_cast<std::size_t>(poison));
            intake.take(uids);
            return refused ? json_reply(400, fmt::format(R"({{"text":"Invalid data format","code":6,"invalid-event-number":{}}})", poison))
                           : json_reply(200, R"({"text":"Success","code":0})");
        }};
        CollectorBench setting{server};
        setting.bench.write(numbered(1, 100));
        setting.bench.run();
        CHECK(intake.taken() == without(uids(1, 100), "e31"));
        CHECK(setting.bench.parked() == std::vector<std::string>{"e31"});
        CHECK(server.requests().size() <= 5);
    }
    SECTION("the collector is busy from there on")
    {
        std::atomic<int> requests = 0;
        Intake intake;
        const FakeServer server{[&](const FakeServer::Request& request) {
            auto uids = uids_in(body_of(request));
            const bool busy = ++requests <= 3;
            if (busy) uids.resize(10);
            intake.take(uids);
            return busy ? json_reply(503, R"({"text":"Server is busy","code":9,"invalid-event-number":10})") : json_reply(200, R"({"code":0})");
        }};
        CollectorBench setting{server};
        setting.bench.write(numbered(1, 100));
        setting.bench.run();
        CHECK(intake.taken() == uids(1, 100));
        CHECK(setting.bench.parked().empty());
        CHECK(requests == 4);
    }
}

TEST_CASE("row 15: with acknowledgements, what a refused request has taken comes again, for nobody would acknowledge it")
{
    std::atomic<int> requests = 0;
    Intake intake;
    const FakeServer server{[&](const FakeServer::Request& request) {
        if (request.target.starts_with("/services/collector/ack")) return json_reply(200, R"({"acks":{"0":true}})");
        if (++requests == 1) return json_reply(503, R"({"text":"Server is busy","code":9,"invalid-event-number":10})");
        intake.take(uids_in(body_of(request)));
        return json_reply(200, R"({"text":"Success","code":0,"ackId":0})");
    }};
    CollectorBench setting{server, [](auto& sink) { sink.ack = true; }};
    setting.bench.write(numbered(1, 100));
    setting.bench.run();
    CHECK(intake.taken() == uids(1, 100));
    CHECK(setting.bench.backlog().events == 0);
}

TEST_CASE("row 16: a receiver that refuses every event is at fault itself: nothing is parked")
{
    std::atomic<bool> mended = false;
    Intake intake;
    const auto take = [&](const FakeServer::Request& request, const FakeServer::Reply& good) {
        intake.take(uids_in(body_of(request)));
        return good;
    };
    const auto check = [&](Bench& bench) {
        bench.write(numbered(1, 1000));
        bench.run(6h);
        CHECK(bench.parked().empty());
        CHECK(bench.backlog().events == 1000);
        CHECK(bench.courier->facts().state == State::paused);
        CHECK(bench.changes.size() == 1);
        mended = true;
        bench.run();
        CHECK(intake.taken() == uids(1, 1000));
        CHECK(bench.parked().empty());
        CHECK(bench.changes.size() == 2);
    };
    SECTION("a collector without the index")
    {
        const FakeServer server{[&](const auto& request) {
            if (!mended) return json_reply(400, R"({"text":"Incorrect index","code":7,"invalid-event-number":1})");
            return take(request, json_reply(200, R"({"code":0})"));
        }};
        CollectorBench setting{server};
        check(setting.bench);
        CHECK(setting.bench.changes.front().detail.find("Incorrect index") != std::string::npos); // the receiver's own words
    }
    SECTION("Elasticsearch with another mapping")
    {
        const FakeServer server{[&](const FakeServer::Request& request) {
            if (mended) return take(request, json_reply(200, R"({"errors":false})"));
            auto answer = Json::parse(R"({"errors":true,"items":[]})");
            for (const auto& uid : uids_in(body_of(request)))
                answer["items"].push_back({{"create", {{"status", 400}, {"error", {{"type", "document_parsing_exception"}, {"reason", uid}}}}}});
            return json_reply(200, answer.dump());
        }};
        Bench bench{[&](auto& sink) {
                        at(sink, server, config::Sink::Type::elasticsearch);
                        sink.format = config::Sink::Format::ocsf;
                        sink.index = "logs-seaworthy-default";
                    },
                    real(sinks::k_elasticsearch)};
        check(bench);
    }
    SECTION("a hook that expects something else")
    {
        const FakeServer server{[&](const auto& request) { return mended ? take(request, reply(200, "")) : reply(422, "no alert in it"); }};
        Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
        check(bench);
    }
}

TEST_CASE("row 17: acknowledgements of a collector")
{
    Intake intake;
    std::mutex mutex;
    std::string acks; // the answer to whoever asks
    std::string sent = R"({"text":"Success","code":0,"ackId":0})";
    std::set<std::string> channels;
    const FakeServer server{[&](const FakeServer::Request& request) {
        const std::lock_guard lock{mutex};
        if (request.target.starts_with("/services/collector/ack")) return json_reply(200, acks);
        channels.insert(request.headers.at("x-splunk-request-channel"));
        intake.take(uids_in(body_of(request)));
        return json_reply(200, sent);
    }};
    CollectorBench setting{server, [](auto& sink) {
                               sink.ack = true;
                               sink.ack_timeout = 60s;
                           }};
    auto& bench = setting.bench;
    bench.write(numbered(1, 5));
    SECTION("a token without them is a fault of the configuration, and told as one")
    {
        sent = R"({"text":"Success","code":0})";
        bench.run(10min);
        CHECK(bench.courier->facts().state == State::paused);
        CHECK_THAT(bench.courier->facts().last_error, Catch::Contains("ack.enabled"));
        CHECK(bench.backlog().events == 5);
    }
    SECTION("one that never comes makes the events come again, by another channel")
    {
        acks = R"({"acks":{"0":false}})";
        bench.run(3min);
        CHECK(channels.size() >= 2);
        CHECK(intake.taken().size() >= 10);
        CHECK(bench.backlog().events == 5);
        {
            const std::lock_guard lock{mutex};
            acks = R"({"acks":{"0":true}})";
        }
        bench.run();
        CHECK(intake.first_taken() == uids(1, 5));
        CHECK(bench.backlog().events == 0);
    }
    SECTION("one that was told once counts, whatever is told later")
    {
        acks = R"({"acks":{"0":true}})";
        while (bench.backlog().events > 0)
            bench.time += bench.step().wait;
        {
            const std::lock_guard lock{mutex};
            acks = R"({"acks":{"0":false}})";
        }
        bench.run(10min);
        CHECK(intake.taken() == uids(1, 5));
        CHECK(bench.courier->facts().retries.empty());
    }
}

TEST_CASE("row 18: of a bulk answer, only what failed for the moment is sent again")
{
    std::mutex mutex;
    std::vector<std::vector<std::string>> requests;
    const FakeServer server{[&](const FakeServer::Request& request) {
        const std::lock_guard lock{mutex};
        requests.push_back(uids_in(body_of(request)));
        if (requests.size() > 1) return json_reply(200, R"({"errors":false})");
        return json_reply(200, R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"version_conflict"}}},)"
                               R"({"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}},)"
                               R"({"create":{"status":400,"error":{"type":"document_parsing_exception"}}}]})");
    }};
    Bench bench{[&](auto& sink) {
                    at(sink, server, config::Sink::Type::elasticsearch);
                    sink.format = config::Sink::Format::ocsf;
                    sink.index = "logs-seaworthy-default";
                },
                real(sinks::k_elasticsearch)};
    bench.write(numbered(1, 4));

    bench.run();

    CHECK(requests == std::vector<std::vector<std::string>>{uids(1, 4), uids(3, 3)});
    CHECK(bench.parked() == uids(4, 4));
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("row 19: blocked ingestion at Loki is no delivery, and lines that it finds too old come once more, with the present time")
{
    std::atomic<int> requests = 0;
    Intake intake;
    SECTION("blocked")
    {
        const int status = GENERATE(260, 200);
        std::atomic<bool> mended = false;
        const FakeServer server{[&](const auto& request) {
            ++requests;
            if (!mended) return reply(status, status == 260 ? "ingestion blocked until tomorrow" : "");
            intake.take(uids_in(body_of(request)));
            return reply(204, "");
        }};
        Bench bench{[&](auto& sink) { at(sink, server, config::Sink::Type::loki); }, real(sinks::k_loki)};
        bench.write(numbered(1, 5));
        bench.run(1h);
        CHECK(bench.courier->facts().state == State::paused);
        CHECK(bench.backlog().events == 5);
        mended = true;
        bench.run();
        CHECK(intake.taken() == uids(1, 5));
        CHECK(bench.parked().empty());
    }
    SECTION("too far behind")
    {
        const bool always = GENERATE(false, true);
        const FakeServer server{[&](const auto& request) {
            ++requests;
            const auto body = body_of(request);
            if (always || body.find("\"1787303643482000000\"") != std::string::npos)
                return reply(400, "entry too far behind, oldest acceptable is ...");
            intake.take(uids_in(body));
            return reply(204, "");
        }};
        Bench bench{[&](auto& sink) { at(sink, server, config::Sink::Type::loki); }, real(sinks::k_loki)};
        bench.write(numbered(1, 5));
        bench.run(1h);
        if (always) {
            CHECK(bench.backlog().events == 5);
            CHECK(requests < 100);
        } else {
            CHECK(intake.taken() == uids(1, 5));
            CHECK(requests == 2);
            CHECK(bench.backlog().events == 0);
        }
        CHECK(bench.parked().empty());
    }
}

TEST_CASE("row 20: what a collector of OTLP drops is counted and not sent again; what it cannot take now is")
{
    struct Case {
        int status;
        const char* body;
        int requests;
        std::uint64_t rejected;
        bool delivered; ///< some of it
    };
    const auto now = GENERATE(values<Case>({{200, R"({"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"too old"}})", 1, 3, true},
                                            {500, "", 1, 10, false},
                                            {501, "", 1, 10, false},
                                            {429, "", 2, 0, true},
                                            {502, "", 2, 0, true},
                                            {503, "", 2, 0, true},
                                            {504, "", 2, 0, true}}));
    INFO(now.status);
    std::atomic<int> requests = 0;
    const FakeServer server{[&](const auto&) { return ++requests == 1 ? json_reply(now.status, now.body) : json_reply(200, "{}"); }};
    Bench bench{[&](auto& sink) { at(sink, server, config::Sink::Type::otlp); }, real(sinks::k_otlp)};
    bench.write(numbered(1, 10));

    bench.run();

    CHECK(requests == now.requests);
    const auto facts = bench.courier->facts();
    CHECK((facts.lost.contains("rejected") ? facts.lost.at("rejected") : 0) == now.rejected);
    CHECK(facts.last_success.has_value() == now.delivered);
    CHECK(bench.parked().empty());
    CHECK(bench.backlog().events == 0);
}

TEST_CASE("row 21: what is too large goes in halves; a single event is shortened once, else parked")
{
    std::atomic<int> requests = 0;
    Intake intake;
    SECTION("once")
    {
        const FakeServer server{[&](const FakeServer::Request& request) {
            const auto uids = uids_in(request.body);
            if (++requests == 1) return reply(413, "");
            CHECK(uids.size() <= 50);
            intake.take(uids);
            return reply(200, "");
        }};
        Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
        bench.write(numbered(1, 100));
        bench.run();
        CHECK(intake.taken() == uids(1, 100));
        CHECK(requests == 3);
        CHECK(bench.parked().empty());
    }
    SECTION("always")
    {
        constexpr std::size_t k_most = 2000;
        const FakeServer server{[&](const FakeServer::Request& request) {
            if (request.body.size() > k_most) return reply(413, "");
            const auto uids = uids_in(request.body);
            for (const auto& uid : uids)
                if (uid == "e3") CHECK_THAT(request.body, Catch::Contains(R"("is_truncated":true)"));
            intake.take(uids);
            return reply(200, "");
        }};
        Bench bench{[&](auto& sink) { at(sink, server); }, real(sinks::k_webhook)};
        auto events = numbered(1, 8);
        events[2].body.insert(events[2].body.size() - 1, fmt::format(R"(,"evidences":["{}"])", std::string(3000, 'x')));
        events[5].body.insert(events[5].body.size() - 1, fmt::format(R"(,"class_name":"{}")", std::string(3000, 'x'))); // stays whole
        bench.write(events);
        bench.run();
        CHECK(intake.first_taken() == without(uids(1, 8), "e6"));
        CHECK(bench.parked() == uids(6, 6));
        CHECK(bench.backlog().events == 0);
    }
}

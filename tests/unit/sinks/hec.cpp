// SPDX-License-Identifier: Apache-2.0
#include "sinks/hec.hpp"

#include <mutex>
#include <set>

#include <nlohmann/json.hpp>

#include "http_bench.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using Json = nlohmann::json;

namespace {

struct Setting {
    explicit Setting(FakeServer::Script script) : server(std::move(script))
    {
        sink.name = "soc";
        sink.type = config::Sink::Type::splunk_hec;
        sink.url = server.url();
        sink.allow_http = true;
        sink.token_file = directory.write("token", "c0ffee\n");
    }
    [[nodiscard]] std::unique_ptr<sinks::Hec> make()
    {
        return std::make_unique<sinks::Hec>(sink, "seaworthy/test", [this] { return now; });
    }

    TemporaryDirectory directory;
    FakeServer server;
    config::Sink sink;
    std::chrono::steady_clock::time_point now{1h};
};

/// Asks until there is news; each question takes a moment at most.
sinks::Confirmation news_of(sinks::Hec& hec, int questions = 50)
{
    sinks::Confirmation news;
    for (int i = 0; i < questions && news.through == 0 && !news.broken; ++i)
        news = hec.confirm();
    return news;
}

} // namespace

TEST_CASE("the collector gets objects one after the other, compressed")
{
    Setting setting{[](const auto&) { return json_reply(200, R"({"text":"Success","code":0})"); }};
    setting.sink.index = "k8s";
    setting.sink.host = "prod-eu-1";
    setting.sink.fields = {{"env", "prod"}};
    CHECK(setting.make()->send(numbered(1, 2), {}).answer == Answer::delivered);
    const auto request = setting.server.requests().at(0);
    CHECK(request.target == "/services/collector/event");
    CHECK(request.headers.at("authorization") == "Splunk c0ffee");
    CHECK(request.headers.count("x-splunk-request-channel") == 0);
    const auto body = body_of(request);
    const std::string head =
        R"({"time":1787303643.482,"host":"prod-eu-1","sourcetype":"seaworthy:ocsf","index":"k8s","fields":{"env":"prod"},"event":)";
    CHECK(body == head + event("e1").body + "}" + head + event("e2").body + "}");
}

TEST_CASE("the collector's answers")
{
    struct Row {
        int status;
        const char* body;
        Answer answer;
        std::size_t accepted;
        const char* reason;
    };
    const auto row =
        GENERATE(values<Row>({{400, R"({"text":"Invalid data format","code":6,"invalid-event-number":30})", Answer::event_fault, 30, "hec_6"},
                              {400, R"({"text":"Event field is required","code":12,"invalid-event-number":0})", Answer::event_fault, 0, "hec_12"},
                              {400, R"({"text":"Incorrect index","code":7,"invalid-event-number":1})", Answer::sink_fault, 0, "hec_7"},
                              {503, R"({"text":"Server is busy","code":9,"invalid-event-number":10})", Answer::transient, 10, "hec_9"},
                              {503, R"({"code":9,"invalid-event-number":1000000})", Answer::transient, 0, "hec_9"},
                              {503, R"({"code":9,"invalid-event-number":-3})", Answer::transient, 0, "hec_9"},
                              {503, R"({"code":19})", Answer::transient, 0, "hec_19"},
                              {500, R"({"code":8})", Answer::transient, 0, "hec_8"},
                              {403, R"({"text":"Invalid token","code":4})", Answer::sink_fault, 0, "token"},
                              {401, R"({"code":2})", Answer::sink_fault, 0, "token"},
                              {400, R"({"text":"Data channel is missing","code":10})", Answer::sink_fault, 0, "hec_10"},
                              {404, "not found", Answer::sink_fault, 0, "http_404"},
                              {413, "", Answer::too_large, 0, "http_413"},
                              {429, "", Answer::transient, 0, "http_429"},
                              {200, "<html>welcome</html>", Answer::sink_fault, 0, "no_collector"},
                              {200, "[]", Answer::sink_fault, 0, "no_collector"}}));
    INFO(row.status << " " << row.body);
    Setting setting{[&](const auto&) { return json_reply(row.status, row.body); }};
    const auto delivery = setting.make()->send(numbered(1, 50), {});
    CHECK(delivery.answer == row.answer);
    CHECK(delivery.accepted_first == row.accepted);
    CHECK(delivery.reason == row.reason);
}

TEST_CASE("with indexer acknowledgement, events count when they are indexed, in order")
{
    std::mutex mutex;
    std::set<int> indexed;
    int next = 0;
    Setting setting{[&](const FakeServer::Request& request) {
        const std::lock_guard lock{mutex};
        if (request.target.starts_with("/services/collector/event")) return json_reply(200, R"({"code":0,"ackId":)" + std::to_string(next++) + "}");
        Json answer;
        const auto asked = Json::parse(request.body); // a name for it: the loop would outlive a temporary
        for (const auto& id : asked.at("acks"))
            answer["acks"][std::to_string(id.get<int>())] = indexed.erase(id.get<int>()) > 0; // a true is told once
        return json_reply(200, answer.dump());
    }};
    setting.sink.ack = true;
    const auto hec = setting.make();
    auto events = numbered(1, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        events[i].sequence = static_cast<std::int64_t>(10 * (i + 1));
        CHECK(hec->send({&events[i], 1}, {}).answer == Answer::sent);
    }
    const auto tell = [&](std::set<int> ids) {
        const std::lock_guard lock{mutex};
        indexed = std::move(ids);
    };
    CHECK(news_of(*hec, 3).through == 0);
    tell({1});
    CHECK(news_of(*hec, 5).through == 0); // the first is not there yet
    tell({0});
    CHECK(news_of(*hec).through == 20);
    CHECK(news_of(*hec, 3).through == 0); // once
    setting.now += setting.sink.ack_timeout;
    const auto broken = news_of(*hec);
    CHECK(broken.broken);
    CHECK(broken.reason == "ack_timeout");
    const auto channel = setting.server.requests().front().headers.at("x-splunk-request-channel");
    CHECK(hec->send({&events[2], 1}, {}).answer == Answer::sent);
    CHECK(setting.server.requests().back().headers.at("x-splunk-request-channel") != channel);
    tell({3});
    CHECK(news_of(*hec).through == 30);
}

TEST_CASE("a token without acknowledgement is a fault of the sink where the configuration wants it")
{
    Setting setting{[](const auto&) { return json_reply(200, R"({"code":0})"); }};
    setting.sink.ack = true;
    const auto delivery = setting.make()->send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.reason == "no_ack_id");
}

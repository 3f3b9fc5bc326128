// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "http_bench.hpp"
#include "seaworthy/events/encoding.hpp"
#include "sinks/codec.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using Json = nlohmann::json;

namespace {

config::Sink sink_at(const FakeServer& server, std::string_view path = "")
{
    config::Sink sink;
    sink.name = "there";
    sink.url = server.url(path);
    sink.allow_http = true;
    return sink;
}

struct Verdict {
    int status;
    const char* body;
    Answer answer;
};

Delivery answered(const sinks::Dialect& dialect, int status, const std::string& body, int events = 1)
{
    const FakeServer server{[&](const auto&) { return json_reply(status, status == 204 ? "" : body); }};
    auto sink = sink_at(server);
    sink.index = "logs-seaworthy-default";
    return http(sink, dialect)->send(numbered(1, events), {});
}

} // namespace

TEST_CASE("Sumo Logic gets a line an event, and its metadata in headers")
{
    const TemporaryDirectory directory;
    const FakeServer server{[](const auto& request) { return reply(401, "no " + request.target); }};
    auto sink = sink_at(server);
    sink.url_file = directory.write("url", server.url("/receiver/v1/http/ZaVnC4dhaV3") + "\n");
    sink.url.clear();
    sink.category = "k8s/audit";
    sink.fields = {{"cluster", "prod"}, {"team", "platform"}};
    const auto delivery = http(sink, sinks::k_sumologic)->send(numbered(1, 2), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.detail.find("ZaVnC4dhaV3") == std::string::npos); // the URL is the secret
    const auto request = server.requests().at(0);
    CHECK(request.target == "/receiver/v1/http/ZaVnC4dhaV3");
    CHECK(request.headers.at("x-sumo-category") == "k8s/audit");
    CHECK(request.headers.at("x-sumo-fields") == "cluster=prod,team=platform");
    CHECK(body_of(request) == event("e1").body + "\n" + event("e2").body + "\n");
}

TEST_CASE("Sumo Logic's answers")
{
    const auto verdict = GENERATE(values<Verdict>({{200, "", Answer::delivered},
                                                   {202, "", Answer::sink_fault},
                                                   {408, "", Answer::transient},
                                                   {429, "", Answer::transient},
                                                   {503, "", Answer::transient},
                                                   {504, "", Answer::transient},
                                                   {404, "", Answer::sink_fault}}));
    INFO(verdict.status);
    CHECK(answered(sinks::k_sumologic, verdict.status, verdict.body).answer == verdict.answer);
}

TEST_CASE("Elasticsearch gets creations by uid")
{
    const auto ecs_of = [](const char* uid) { return events::encode(events::Format::ecs, event(uid).body); };
    const TemporaryDirectory directory;
    const FakeServer server{[](const auto&) { return json_reply(200, R"({"errors":false})"); }};
    auto sink = sink_at(server, "/");
    sink.index = "logs-seaworthy-default";
    sink.token_file = directory.write("key", "a2V5");
    CHECK(http(sink, sinks::k_elasticsearch)->send(numbered(1, 2), {}).answer == Answer::delivered);
    sink.format = config::Sink::Format::ocsf;
    sink.gzip = false;
    CHECK(http(sink, sinks::k_elasticsearch)->send(numbered(3, 3), {}).answer == Answer::delivered);
    const auto requests = server.requests();
    CHECK(requests[0].target.find("/logs-seaworthy-default/_bulk?filter_path=errors,") == 0);
    CHECK(requests[0].headers.at("authorization") == "ApiKey a2V5");
    CHECK(requests[0].headers.at("content-type") == "application/x-ndjson");
    CHECK(body_of(requests[0]) == "{\"create\":{\"_id\":\"e1\"}}\n" + ecs_of("e1") + "\n{\"create\":{\"_id\":\"e2\"}}\n" + ecs_of("e2") + "\n");
    CHECK(requests[1].body == "{\"create\":{\"_id\":\"e3\"}}\n{\"@timestamp\":1787303643482," + event("e3").body.substr(1) + "\n");
}

TEST_CASE("Elasticsearch's items are judged one by one")
{
    const auto delivery = answered(
        sinks::k_elasticsearch, 200,
        R"({"errors":true,"items":[{"create":{"status":201}},{"create":{"status":409,"error":{"type":"version_conflict"}}},)"
        R"({"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}},{"create":{"status":400,"error":{"type":"mapper_parsing_exception"}}}]})",
        4);
    CHECK(delivery.items == std::vector{Answer::delivered, Answer::delivered, Answer::transient, Answer::event_fault});
    CHECK(delivery.reason == "item_400");
    CHECK(delivery.detail == R"(item status 400: {"type":"mapper_parsing_exception"})");
}

TEST_CASE("Elasticsearch's answers")
{
    const auto verdict = GENERATE(values<Verdict>({{200, R"({"errors":false})", Answer::delivered},
                                                   {200, R"({"errors":true,"items":[]})", Answer::transient},
                                                   {200, R"({"took":1})", Answer::sink_fault},
                                                   {200, "welcome", Answer::sink_fault},
                                                   {429, "", Answer::transient},
                                                   {503, "", Answer::transient},
                                                   {401, "", Answer::sink_fault},
                                                   {404, "", Answer::sink_fault},
                                                   {413, "", Answer::too_large},
                                                   {400, "", Answer::event_fault}}));
    INFO(verdict.status << " " << verdict.body);
    CHECK(answered(sinks::k_elasticsearch, verdict.status, verdict.body).answer == verdict.answer);
}

TEST_CASE("a collector gets log records below one resource")
{
    const FakeServer server{[](const auto&) { return json_reply(200, "{}"); }};
    auto sink = sink_at(server);
    sink.fields = {{"k8s.cluster.name", "prod"}};
    CHECK(http(sink, sinks::k_otlp)->send(numbered(1, 2), {}).answer == Answer::delivered);
    const auto request = server.requests().at(0);
    CHECK(request.target == "/v1/logs");
    const auto body = Json::parse(body_of(request));
    const auto& logs = body["resourceLogs"][0];
    CHECK(logs["resource"]["attributes"][1] == Json::parse(R"({"key":"k8s.cluster.name","value":{"stringValue":"prod"}})"));
    CHECK(logs["scopeLogs"][0]["logRecords"].size() == 2);
}

TEST_CASE("a collector's answers")
{
    const auto verdict = GENERATE(values<Verdict>({{200, "", Answer::delivered},
                                                   {429, "", Answer::transient},
                                                   {502, "", Answer::transient},
                                                   {503, "", Answer::transient},
                                                   {504, "", Answer::transient},
                                                   {400, "", Answer::event_fault},
                                                   {413, "", Answer::too_large},
                                                   {401, "", Answer::sink_fault}}));
    INFO(verdict.status);
    const auto delivery = answered(sinks::k_otlp, verdict.status, verdict.body);
    CHECK(delivery.answer == verdict.answer);
    CHECK(delivery.rejected == 0);
}

TEST_CASE("what a collector rejects is counted and not repeated")
{
    const auto* count = GENERATE("3", "\"3\"");
    const auto partial =
        answered(sinks::k_otlp, 200, R"({"partialSuccess":{"rejectedLogRecords":)" + std::string{count} + R"(,"errorMessage":"too old"}})", 10);
    CHECK(partial.answer == Answer::delivered);
    CHECK(partial.rejected == 3);
    CHECK(partial.detail == "3 of 10 log records rejected: too old");
    const auto failed = answered(sinks::k_otlp, 500, "", 10);
    CHECK(failed.answer == Answer::delivered);
    CHECK(failed.rejected == 10);
}

TEST_CASE("Loki gets streams of few labels, and old lines with the present time")
{
    const FakeServer server{[](const auto&) { return reply(204, ""); }};
    auto sink = sink_at(server);
    sink.tenant = "security";
    sink.fields = {{"cluster", "prod"}};
    auto events = numbered(1, 3);
    events[1].severity = 2;
    events[2].created = k_now - 3'600'000;
    CHECK(http(sink, sinks::k_loki)->send(events, {}).answer == Answer::delivered);
    const auto request = server.requests().at(0);
    CHECK(request.target == "/loki/api/v1/push");
    CHECK(request.headers.at("x-scope-orgid") == "security");
    const auto streams = Json::parse(body_of(request))["streams"];
    REQUIRE(streams.size() == 2);
    CHECK(streams[0]["stream"] == Json::parse(R"({"app":"seaworthy","class":"finding","cluster":"prod","severity":"high"})"));
    CHECK(streams[0]["values"][0][0] == "1787303643482000000");
    CHECK(streams[0]["values"][0][1] == events[0].body);
    CHECK(streams[0]["values"][0][2]["uid"] == "e1");
    CHECK(streams[0]["values"][1][0] == "1787303700000000000");
    CHECK(streams[1]["stream"]["severity"] == "low");
}

TEST_CASE("Loki's answers")
{
    const auto verdict = GENERATE(values<Verdict>({{204, "", Answer::delivered},
                                                   {200, "", Answer::sink_fault},
                                                   {260, "blocked until", Answer::sink_fault},
                                                   {429, "", Answer::transient},
                                                   {500, "", Answer::transient},
                                                   {400, "max entry size exceeded", Answer::event_fault}}));
    INFO(verdict.status);
    CHECK(answered(sinks::k_loki, verdict.status, verdict.body).answer == verdict.answer);
}

TEST_CASE("lines that Loki finds too old are written with the present time once")
{
    const FakeServer server{[](const auto&) { return reply(400, "entry too far behind, oldest acceptable timestamp is ..."); }};
    const auto transport = http(sink_at(server), sinks::k_loki);
    CHECK(transport->send(numbered(1, 1), {}).answer == Answer::transient);
    CHECK(transport->send(numbered(1, 1), {}).answer == Answer::event_fault);
    const auto time = [&](std::size_t i) { return Json::parse(body_of(server.requests().at(i)))["streams"][0]["values"][0][0].get<std::string>(); };
    CHECK(time(0) == "1787303643482000000");
    CHECK(time(1) == "1787303700000000000");
}

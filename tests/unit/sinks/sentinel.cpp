// SPDX-License-Identifier: Apache-2.0
#include "sinks/sentinel.hpp"

#include <atomic>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "intake.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using sinks::State;
using Json = nlohmann::json;

namespace {

/// Microsoft Entra and a data collection endpoint in one.
class Azure {
public:
    [[nodiscard]] FakeServer::Reply answer(const FakeServer::Request& request)
    {
        const std::lock_guard lock{mutex};
        if (request.target == "/contoso/oauth2/v2.0/token") {
            logins.push_back(request.body);
            if (request.body.find("client_secret=" + secret) == std::string::npos)
                return json_reply(401, R"({"error":"invalid_client","error_description":"AADSTS7000215: s3cret%2Fold is no valid secret"})");
            return json_reply(200, fmt::format(R"({{"token_type":"Bearer","expires_in":3599,"access_token":"jwt-{}"}})", logins.size()));
        }
        if (request.headers.at("authorization") != "Bearer " + valid) return json_reply(401, R"({"error":{"code":"InvalidToken"}})");
        if (!refusal.bytes.empty()) return std::exchange(refusal, {});
        for (const auto& record : Json::parse(body_of(request)))
            taken.push_back(record.value("event_uid", ""));
        return reply(204, "");
    }

    std::mutex mutex;
    std::vector<std::string> logins;
    std::vector<std::string> taken;
    std::string secret = "s3cret%2Fold";
    std::string valid = "jwt-1";
    FakeServer::Reply refusal{""};
};

struct Setting {
    Setting()
        : server([this](const auto& request) { return azure.answer(request); }),
          bench(
              [this](auto& sink) {
                  at(sink, server, config::Sink::Type::sentinel);
                  sink.client_id = "app";
                  sink.tenant_id = "contoso";
                  sink.token_url = server.url("/contoso/oauth2/v2.0/token");
                  sink.rule_id = "dcr-1";
                  sink.stream = "Custom-Seaworthy_CL";
              },
              [this](const config::Sink& sink) {
                  return std::make_unique<sinks::Sentinel>(sink, "seaworthy/test",
                                                           [this] { return std::chrono::steady_clock::time_point{bench.time}; });
              })
    {
        bench.sink.token_file = bench.directory().write("secret", "s3cret/old\n");
        bench.restart();
    }

    Azure azure;
    FakeServer server;
    Bench bench;
};

} // namespace

TEST_CASE("Sentinel gets an array of records for a stream, with a token of the application")
{
    Setting setting;
    setting.bench.write(numbered(1, 3));
    setting.bench.run();
    CHECK(setting.azure.taken == uids(1, 3));
    CHECK(setting.azure.logins ==
          std::vector<std::string>{
              "grant_type=client_credentials&client_id=app&client_secret=s3cret%2Fold&scope=https%3A%2F%2Fmonitor.azure.com%2F%2F.default"});
    const auto request = setting.server.requests().at(1);
    CHECK(request.target == "/dataCollectionRules/dcr-1/streams/Custom-Seaworthy_CL?api-version=2023-01-01");
    CHECK(request.headers.at("content-type") == "application/json");
    CHECK(request.headers.at("content-encoding") == "gzip");
    const auto record = Json::parse(body_of(request)).at(0);
    CHECK(record["TimeGenerated"] == "2026-08-21T09:14:03.482Z");
    CHECK(record["event_uid"] == "e1");
    CHECK(setting.bench.backlog().events == 0);
}

TEST_CASE("Sentinel's token is used until shortly before its end, or until it is refused")
{
    Setting setting;
    auto& bench = setting.bench;
    bench.write(numbered(1, 1));
    bench.run();
    bench.time += 50min;
    bench.write(numbered(2, 2));
    bench.run();
    CHECK(setting.azure.logins.size() == 1);
    bench.time += 6min;
    setting.azure.valid = "jwt-2";
    bench.write(numbered(3, 3));
    bench.run();
    CHECK(setting.azure.logins.size() == 2);
    setting.azure.valid = "jwt-3"; // revoked
    bench.write(numbered(4, 4));
    bench.run();
    CHECK(setting.azure.logins.size() == 3);
    CHECK(setting.azure.taken == uids(1, 4));
    CHECK(bench.changes.empty());
}

TEST_CASE("a client secret that Entra does not take pauses the sink, and a new one is used without a restart")
{
    Setting setting;
    auto& bench = setting.bench;
    setting.azure.secret = "new";
    bench.write(numbered(1, 3));
    bench.run(10min);
    CHECK(bench.courier->facts().state == State::auth_failed);
    CHECK_THAT(bench.courier->facts().last_error, Catch::StartsWith("access token: HTTP 401") && Catch::Contains("*** is no valid secret"));
    CHECK(bench.backlog().events == 3);
    bench.directory().write("secret", "new");
    setting.azure.valid = fmt::format("jwt-{}", setting.azure.logins.size() + 1);
    bench.run();
    CHECK(setting.azure.taken == uids(1, 3));
    CHECK(bench.changes.size() == 2);
}

TEST_CASE("Sentinel's answers")
{
    struct Verdict {
        FakeServer::Reply reply;
        Answer answer;
        std::optional<std::chrono::milliseconds> wait;
    };
    const auto verdict = GENERATE(values<Verdict>({{reply(200, "welcome"), Answer::sink_fault, {}},
                                                   {reply(400, R"({"error":{"code":"InvalidStream"}})"), Answer::event_fault, {}},
                                                   {reply(403, ""), Answer::sink_fault, {}},
                                                   {reply(404, ""), Answer::sink_fault, {}},
                                                   {reply(413, ""), Answer::too_large, {}},
                                                   {reply(429, "", {"Retry-After: 30"}), Answer::transient, 30s},
                                                   {reply(503, ""), Answer::transient, {}}}));
    INFO(verdict.reply.bytes);
    Setting setting;
    setting.azure.refusal = verdict.reply;
    sinks::Sentinel sentinel{setting.bench.sink, "seaworthy/test"};
    const auto delivery = sentinel.send(numbered(1, 1), {});
    CHECK(delivery.answer == verdict.answer);
    CHECK(delivery.wait == verdict.wait);
    CHECK(setting.azure.taken.empty());
}

TEST_CASE("what Entra cannot answer now is waited for; what is no answer of it is a fault")
{
    const auto [status, body, answer] = GENERATE(table<int, std::string, Answer>({{503, "", Answer::transient},
                                                                                  {400, R"({"error":"invalid_request"})", Answer::sink_fault},
                                                                                  {200, "welcome", Answer::sink_fault},
                                                                                  {200, "[]", Answer::sink_fault},
                                                                                  {200, "{}", Answer::sink_fault}}));
    INFO(status << body);
    const FakeServer server{[&, status = status, body = body](const auto&) { return reply(status, body); }};
    Setting setting;
    auto sink = setting.bench.sink;
    sink.token_url = server.url("/token");
    sinks::Sentinel sentinel{sink, "seaworthy/test"};
    CHECK(sentinel.send(numbered(1, 1), {}).answer == answer);
    CHECK(setting.server.requests().empty());
}

TEST_CASE("Sentinel's national clouds have audiences of their own")
{
    const auto [url, scope] = GENERATE(table<std::string, std::string>(
        {{"https://x.ingest.monitor.azure.us", "monitor.azure.us"}, {"https://x.ingest.monitor.azure.cn", "monitor.azure.cn"}}));
    Setting setting;
    auto sink = setting.bench.sink;
    sink.url = url;
    std::string login;
    const FakeServer server{[&](const auto& request) {
        login = request.body;
        return reply(503, "");
    }};
    sink.token_url = server.url("/token");
    sinks::Sentinel sentinel{sink, "seaworthy/test"};
    (void)sentinel.send(numbered(1, 1), {});
    CHECK_THAT(login, Catch::EndsWith("scope=https%3A%2F%2F" + scope + "%2F%2F.default"));
}

TEST_CASE("more than the ingestion API takes at once goes in halves")
{
    Setting setting;
    setting.bench.sink.batch_bytes = {20U << 20U};
    setting.bench.sink.format = config::Sink::Format::ocsf;
    setting.bench.restart();
    auto events = numbered(1, 100);
    for (auto& row : events)
        row.body.insert(row.body.size() - 1, fmt::format(R"(,"event_uid":"{}","pad":"{}")", row.uid, std::string(20'000, 'x')));
    setting.bench.write(events);
    setting.bench.run();
    CHECK(setting.azure.taken == uids(1, 100));
    for (const auto& request : setting.server.requests())
        if (request.target.starts_with("/dataCollectionRules")) CHECK(body_of(request).size() <= 1'000'000);
}

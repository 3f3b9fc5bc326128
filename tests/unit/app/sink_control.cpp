// SPDX-License-Identifier: Apache-2.0
#include "app/sink_control.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace seaworthy;
using namespace seaworthy::app;

namespace {

struct Answer {
    int status = 0;
    nlohmann::json body;
};

/// A daemon with one sink, "soc", that has one parked event.
SinkOperations operations()
{
    const auto unknown = [](const std::string& sink) { return failure(Error::Kind::not_found, "there is no sink " + sink); };
    const auto known = [](const std::string& sink) { return sink == "soc"; };
    SinkOperations out;
    out.facts = [] {
        publish::DeliveryFacts facts;
        facts.sinks.push_back({.name = "soc",
                               .type = "splunk_hec",
                               .state = "retrying",
                               .last_error = "token \x1b[31m\xff",
                               .last_success = 1e9,
                               .failures = {{"transient", 3}}});
        facts.spool_bytes = 10;
        facts.spool_capacity_bytes = 100;
        return facts;
    };
    out.test = [=](const std::string& sink) -> Result<std::string> {
        if (!known(sink)) return unknown(sink);
        return failure(Error::Kind::unreachable, "HEC answered 403: the token is disabled", "Enable it.");
    };
    out.parked = [=](const std::string& sink) -> Result<std::vector<state::Parked>> {
        if (!known(sink)) return unknown(sink);
        return std::vector<state::Parked>{{.event = {.sequence = 7, .uid = "u", .code = "finding_opened", .check = "c", .ns = "shop"},
                                           .reason = "http_400",
                                           .status = 400,
                                           .at = 1'000'000'000'000}};
    };
    out.retry_parked = [=](const std::string& sink) -> Result<std::int64_t> {
        if (!known(sink)) return unknown(sink);
        return 1;
    };
    out.drop_parked = out.retry_parked;
    return out;
}

Answer ask(const std::string& method, const std::string& path)
{
    http::Request request;
    request.method = method;
    request.path = path;
    const auto reply = answer_sink_request(request, operations());
    return {reply.status, nlohmann::json::parse(*reply.body)};
}

} // namespace

TEST_CASE("the control socket lists sinks", "[app]")
{
    const auto answer = ask("GET", "/v1/sinks");

    CHECK(answer.status == 200);
    const auto& sink = answer.body.at("sinks").at(0);
    CHECK(sink.at("name") == "soc");
    CHECK(sink.at("state") == "retrying");
    CHECK(sink.at("lastSuccess") == "2001-09-09T01:46:40Z");
    CHECK(sink.at("failures").at("transient") == 3);
    CHECK(answer.body.at("spool").at("capacityBytes") == 100);
}

TEST_CASE("the control socket shows and moves parked events", "[app]")
{
    const auto listed = ask("GET", "/v1/sinks/soc/parked");
    CHECK(listed.status == 200);
    CHECK(listed.body.at("parked").at(0).at("sequence") == 7);
    CHECK(listed.body.at("parked").at(0).at("at") == "2001-09-09T01:46:40Z");
    CHECK(ask("POST", "/v1/sinks/soc/parked/retry").body.at("count") == 1);
    CHECK(ask("POST", "/v1/sinks/soc/parked/drop").body.at("count") == 1);
}

TEST_CASE("what the control socket cannot do it says", "[app]")
{
    const auto refused = ask("POST", "/v1/sinks/soc/test");
    CHECK(refused.status == 502);
    CHECK(refused.body.at("title") == "HEC answered 403: the token is disabled");
    CHECK(refused.body.at("detail") == "Enable it.");
    CHECK(ask("POST", "/v1/sinks/other/test").status == 404);
    CHECK(ask("GET", "/v1/sinks/soc/test").status == 405);
    CHECK(ask("GET", "/v1/sinks/").status == 404);
    CHECK(ask("GET", "/v1/sinks/soc/nothing").status == 404);
    CHECK(ask("GET", "/").status == 404);
}

// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "seaworthy/replay/api_server.hpp"
#include "unit/replay/fetch.hpp"

namespace seaworthy::replay {

namespace {

using namespace std::chrono_literals;
using Catch::Contains;

std::unique_ptr<ApiServer> start_with(const char* script, ApiServerOptions options = {})
{
    auto server = ApiServer::start(std::move(options));
    REQUIRE(server.has_value());
    for (int i = 0; i < 200; ++i) {
        REQUIRE((*server)->put(fmt::format(R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p-{:03}","namespace":"a"}}}})", i)).has_value());
    }
    auto faults = parse_faults(script);
    REQUIRE(faults.has_value());
    (*server)->set_faults(std::move(*faults));
    return std::move(*server);
}

std::chrono::milliseconds time_of(const std::function<void()>& action)
{
    const auto begin = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

} // namespace

TEST_CASE("a fault strikes the requests that it names and no other", "[replay]")
{
    const auto server = start_with(R"([{"path": "/api/v1/*", "from": 2, "times": 2, "status": 429, "retryAfterSeconds": 3}])");

    CHECK(fetch(server->port(), "/api/v1/pods").status == 200);
    CHECK(fetch(server->port(), "/version").status == 200);
    const auto struck = fetch(server->port(), "/api/v1/pods");
    CHECK(struck.status == 429);
    CHECK_THAT(struck.head, Contains("Retry-After: 3\r\n"));
    CHECK(struck.json()["reason"] == "TooManyRequests");
    CHECK(fetch(server->port(), "/api/v1/nodes").status == 429);
    CHECK(fetch(server->port(), "/api/v1/pods").status == 200);
}

TEST_CASE("a query narrows a fault, and 0 times is for good", "[replay]")
{
    const auto server = start_with(R"([{"query": "continue=", "times": 0, "status": 410, "newToken": true}])");
    const std::string token = fetch(server->port(), "/api/v1/pods?limit=150").json()["metadata"]["continue"];

    const auto expired = fetch(server->port(), "/api/v1/pods?limit=150&continue=" + token);
    CHECK(expired.status == 410);
    CHECK(fetch(server->port(), "/api/v1/pods?limit=150&continue=" + token).status == 410);

    server->set_faults({});
    const std::string next = expired.json()["metadata"]["continue"];
    CHECK(fetch(server->port(), "/api/v1/pods?limit=150&continue=" + next).json()["items"].size() == 50);
}

TEST_CASE("a body can be cut, reset, replaced, or withheld", "[replay]")
{
    const auto server =
        start_with(R"([{"path": "/api/v1/pods", "cutAfter": 1000, "times": 0}, {"path": "/api/v1/nodes", "cutAfter": 10, "reset": true},
                                       {"path": "/api/v1/services", "body": "{\"kind\":"}, {"path": "/api/v1/events", "status": 200, "body": "<html>"},
                                       {"path": "/api/v1/secrets", "cutAfter": 100000}])");

    const auto cut = fetch(server->port(), "/api/v1/pods");
    CHECK(cut.body.size() == 1000);
    CHECK_FALSE(cut.complete);
    CHECK_FALSE(fetch(server->port(), "/api/v1/nodes").complete);
    CHECK(fetch(server->port(), "/api/v1/services").body == "{\"kind\":");
    CHECK(fetch(server->port(), "/api/v1/events").body == "<html>");
    const auto whole_but_for_the_end = fetch(server->port(), "/api/v1/secrets");
    CHECK(whole_but_for_the_end.json()["kind"] == "SecretList");
    CHECK_FALSE(whole_but_for_the_end.complete);
}

TEST_CASE("a body can be late, or drip", "[replay]")
{
    const auto server = start_with(R"([{"path": "/api/v1/nodes", "delayMs": 200}, {"path": "/api/v1/services", "dripMs": 10, "dripBytes": 4}])");

    CHECK(time_of([&] { CHECK(fetch(server->port(), "/api/v1/nodes").complete); }) >= 200ms);
    CHECK(time_of([&] { CHECK(fetch(server->port(), "/api/v1/services").complete); }) >= 100ms);
}

TEST_CASE("a rate holds for each stream", "[replay]")
{
    const auto server = start_with("[]", {.megabytes_per_second = 0.1});
    std::size_t bytes = 0;

    const auto time = time_of([&] { bytes = fetch(server->port(), "/api/v1/pods").body.size(); });

    const auto expected = std::chrono::milliseconds{bytes / 100};
    CHECK(bytes > 20'000);
    CHECK(time >= expected * 8 / 10);
}

TEST_CASE("stopping does not wait for a stream that drips", "[replay]")
{
    const auto server = start_with(R"([{"path": "/api/v1/pods", "dripMs": 1000, "times": 0}])");
    http::RawClient client{server->port()};
    REQUIRE(client.send(http::get("/api/v1/pods")));
    REQUIRE_FALSE(
        client.receive_until([](std::string_view received) { return received.find("PodList") != std::string_view::npos || received.size() > 200; })
            .empty());

    CHECK(time_of([&] { server->stop(); }) < 1s);
}

TEST_CASE("a script with an unknown key or a wrong type is an error that names it", "[replay]")
{
    CHECK_THAT(parse_faults(R"([{"statsu": 500}])").error().message, Contains("\"statsu\""));
    CHECK_THAT(parse_faults(R"([{"status": "x"}])").error().message, Contains("\"status\""));
    CHECK_FALSE(parse_faults("{}").has_value());
    CHECK_FALSE(parse_faults("[1]").has_value());
    CHECK_FALSE(parse_faults("[").has_value());
}

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
// Clients that are slow on purpose must cost nobody else anything, even when they share the address of the scraper.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "seaworthy/http/server.hpp"
#include "unit/http/client.hpp"

namespace seaworthy::http {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t k_attackers = 200;

std::unique_ptr<Server> serve_metrics(std::size_t body_bytes)
{
    const auto body = std::make_shared<const std::string>(std::string(body_bytes, 'm'));
    auto server = Server::start({.workers = 2}, [body](const Request& request) {
        return request.path == "/livez" ? Reply::of(200, "text/plain", "ok") : Reply::of(200, "text/plain; version=0.0.4", body);
    });
    REQUIRE(server.has_value());
    return std::move(*server);
}

/// The slowest of many requests, each on a connection of its own, as a probe makes them. 100 s when one got no answer.
Clock::duration slowest_request(std::uint16_t port, std::string_view path, Clock::duration time)
{
    Clock::duration slowest{0};
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
        const auto begin = Clock::now();
        RawClient client{port};
        if (!client.send(get(path, "Connection: close\r\n"))) return 100s;
        if (const auto reply = client.receive_all(); reply.substr(0, 12) != "HTTP/1.1 200") {
            WARN("no answer: " << reply.substr(0, 12) << (client.was_reset() ? " reset" : client.ended() ? " closed" : " silence"));
            return 100s;
        }
        slowest = std::max(slowest, Clock::now() - begin);
        std::this_thread::sleep_for(20ms);
    }
    return slowest;
}

} // namespace

TEST_CASE("200 dribbling connections delay neither a probe nor a scrape", "[http][slow-clients]")
{
    const auto server = serve_metrics(1 << 20U);
    std::vector<RawClient> attackers;
    for (std::size_t i = 0; i < k_attackers; ++i)
        attackers.emplace_back(server->port());
    std::jthread dribble{[&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            for (auto& attacker : attackers) {
                if (!attacker.send("G")) attacker = RawClient{server->port()}; // thrown out: come back
            }
            for (int i = 0; i < 20 && !stop.stop_requested(); ++i)
                std::this_thread::sleep_for(50ms);
        }
    }};

    CHECK(slowest_request(server->port(), "/livez", 2s) < 1s);
    CHECK(slowest_request(server->port(), "/metrics", 2s) < 1s);
    CHECK(server->counters().rejected_limit > 0);
}

TEST_CASE("200 clients that never read their reply delay neither a probe nor a scrape", "[http][slow-clients]")
{
    const auto server = serve_metrics(std::size_t{16} << 20U); // more than the kernel buffers for one
    std::vector<RawClient> attackers;
    const auto ask = [&](RawClient& attacker) {
        attacker = RawClient{server->port(), 4096};
        attacker.send(get("/metrics"));
    };
    for (std::size_t i = 0; i < k_attackers; ++i)
        ask(attackers.emplace_back(server->port()));
    std::jthread insist{[&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            for (auto& attacker : attackers) {
                if (!attacker.send(get("/metrics"))) ask(attacker);
            }
            for (int i = 0; i < 10 && !stop.stop_requested(); ++i)
                std::this_thread::sleep_for(50ms);
        }
    }};

    CHECK(slowest_request(server->port(), "/livez", 2s) < 1s);
    CHECK(slowest_request(server->port(), "/metrics", 2s) < 1s);
    CHECK(server->counters().rejected_limit > 0);
}

TEST_CASE("at the cap of all connections who waits longest without a request goes first", "[http]")
{
    auto server = Server::start({.limits = {.connections = 3, .connections_per_address = 3}},
                                [](const Request&) { return Reply::of(200, "text/plain", "ok"); });
    REQUIRE(server.has_value());
    RawClient oldest{(*server)->port()};
    REQUIRE(oldest.send("GET /"));
    RawClient served{(*server)->port()};
    REQUIRE(served.send(get("/")));
    REQUIRE_FALSE(served.receive_reply().empty()); // idle from now on: it waits since later than the oldest
    RawClient young{(*server)->port()};
    REQUIRE(young.send("GET /"));

    RawClient newcomer{(*server)->port()};
    REQUIRE(newcomer.send(get("/")));
    CHECK_FALSE(newcomer.receive_reply().empty());

    CHECK(oldest.receive_all().empty());
    REQUIRE(young.send(" HTTP/1.1\r\nHost: a\r\n\r\n"));
    CHECK_FALSE(young.receive_reply().empty());
    CHECK((*server)->counters().rejected_limit == 1);
}

} // namespace seaworthy::http

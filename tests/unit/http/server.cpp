// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/http/server.hpp"

#include <filesystem>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "seaworthy/base/digest.hpp"
#include "unit/http/client.hpp"

namespace seaworthy::http {

namespace {

using namespace std::chrono_literals;
using Catch::Contains;

Reply echo(const Request& request)
{
    return Reply::of(200, "text/plain", request.method + " " + request.path + " " + request.body);
}

std::unique_ptr<Server> serve(Handler handler, Limits limits = {}, unsigned workers = 2)
{
    auto server = Server::start({.workers = workers, .limits = limits, .default_headers = {{"X-Default", "yes"}}}, std::move(handler));
    REQUIRE(server.has_value());
    return std::move(*server);
}

std::string ask(const Server& server, std::string_view request)
{
    RawClient client{server.port()};
    REQUIRE(client.send(request));
    return client.receive_all();
}

} // namespace

TEST_CASE("a reply carries its body, length and the default headers", "[http]")
{
    const auto server = serve(echo);

    const auto reply = ask(*server, get("/x?y=1", "Connection: close\r\n"));

    CHECK_THAT(reply, Contains("HTTP/1.1 200 OK\r\n") && Contains("Content-Length: 7\r\n") && Contains("Content-Type: text/plain\r\n") &&
                          Contains("X-Default: yes\r\n") && Contains("Connection: close\r\n") && Contains("\r\nDate: ") && !Contains("Server:") &&
                          !Contains("Keep-Alive:"));
    CHECK(body_of(reply) == "GET /x ");
    CHECK(server->counters().requests == 1);
}

TEST_CASE("HEAD gives the head of GET and no body", "[http]")
{
    const auto server = serve(echo);

    const auto reply = ask(*server, "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    CHECK_THAT(reply, Contains("Content-Length: 8\r\n"));
    CHECK_FALSE(Contains("Accept-Ranges").match(reply));
    CHECK(body_of(reply).empty());
}

TEST_CASE("requests of one connection are answered in their order, even when sent at once", "[http]")
{
    const auto server = serve(echo);
    RawClient client{server->port()};

    REQUIRE(client.send(get("/1") + get("/2") + get("/3", "Connection: close\r\n")));
    const auto replies = client.receive_all();

    const auto first = replies.find("GET /1");
    const auto second = replies.find("GET /2");
    const auto third = replies.find("GET /3");
    CHECK(first < second);
    CHECK(second < third);
    CHECK(third != std::string::npos);
    CHECK(server->counters().accepted == 1);
}

TEST_CASE("a connection ends after its number of requests", "[http]")
{
    const auto server = serve(echo, {.requests_per_connection = 2});
    RawClient client{server->port()};

    REQUIRE(client.send(get("/1") + get("/2") + get("/3")));
    const auto replies = client.receive_all();

    CHECK_THAT(replies, Contains("GET /2") && !Contains("GET /3") && Contains("Connection: close"));
}

TEST_CASE("an idle connection is closed after its time", "[http]")
{
    const auto server = serve(echo, {.idle_deadline = 100ms});
    RawClient client{server->port()};

    REQUIRE(client.send(get("/1")));
    const auto replies = client.receive_all();

    CHECK_THAT(replies, Contains("GET /1"));
    CHECK(client.ended());
    CHECK(server->counters().rejected_deadline == 0);
}

TEST_CASE("a head that does not end in time closes the connection, however steadily it dribbles", "[http]")
{
    const auto server = serve(echo, {.head_deadline = 300ms});
    RawClient client{server->port()};
    const auto begin = std::chrono::steady_clock::now();

    bool alive = client.send("GET /");
    while (alive && std::chrono::steady_clock::now() - begin < 10s) {
        alive =
            client.send("a") && client.receive_until([](std::string_view) { return false; }, 20ms).empty() && !client.ended() && !client.was_reset();
    }

    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    CHECK(server->counters().rejected_deadline == 1);
    CHECK(server->counters().requests == 0);
}

TEST_CASE("a refusal says why and is counted by its reason", "[http]")
{
    const auto server = serve(echo);

    CHECK_THAT(ask(*server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
               Contains("HTTP/1.1 413 Payload Too Large\r\n") && Contains("X-Default: yes\r\n") && Contains("Connection: close\r\n"));
    CHECK_THAT(ask(*server, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), Contains("HTTP/1.1 411 "));
    CHECK_THAT(ask(*server, get("/", "X: " + std::string(20000, 'x') + "\r\n")), Contains("HTTP/1.1 431 "));
    CHECK_THAT(ask(*server, "nonsense\r\n\r\n"), Contains("HTTP/1.1 400 "));

    CHECK(server->counters().rejected_too_large == 2);
    CHECK(server->counters().rejected_malformed == 2);
    CHECK(server->counters().requests == 0);
}

TEST_CASE("a body within the limit reaches the handler", "[http]")
{
    const auto server = serve(echo, {.body_bytes = 16});

    const auto reply = ask(*server, "POST /r HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");

    CHECK(body_of(reply) == "POST /r hello");
}

TEST_CASE("a Range that would overflow a regular expression's stack is not looked at", "[http]")
{
    const auto server = serve(echo);

    const auto reply = ask(*server, get("/", "Connection: close\r\nRange: bytes=" + std::string(8000, '1') + "-2\r\n"));

    CHECK_THAT(reply, Contains("HTTP/1.1 200 OK"));
}

TEST_CASE("a compressed body is sent as it is", "[http]")
{
    const auto server = serve([](const Request&) {
        auto reply = Reply::of(200, "text/plain", std::string(5000, 'z'));
        reply.headers.push_back({"Content-Encoding", "gzip"});
        return reply;
    });

    const auto reply = ask(*server, get("/", "Connection: close\r\nAccept-Encoding: gzip, br\r\n"));

    CHECK(body_of(reply) == std::string(5000, 'z'));
    CHECK(reply.find("Content-Encoding: gzip") == reply.rfind("Content-Encoding: "));
}

TEST_CASE("a header value cannot begin another header", "[http]")
{
    const auto server = serve([](const Request&) {
        auto reply = Reply::of(200, "text/plain", "x");
        reply.headers = {{"X-Good", "1"}, {"X-Bad", "1\r\nSet-Cookie: a=b"}};
        return reply;
    });

    CHECK_THAT(ask(*server, get("/", "Connection: close\r\n")), Contains("X-Good: 1\r\n") && !Contains("Set-Cookie") && !Contains("X-Bad"));
}

TEST_CASE("an exception in a handler is a 500 without its message", "[http]")
{
    const auto server = serve([](const Request&) -> Reply { throw std::runtime_error{"secret"}; });

    CHECK_THAT(ask(*server, get("/", "Connection: close\r\n")), Contains("HTTP/1.1 500 ") && !Contains("secret"));
}

TEST_CASE("a streamed body is chunked and ends with the end mark only when it is whole", "[http]")
{
    const auto server = serve([](const Request& request) {
        Reply reply{.content_type = "application/json"};
        reply.stream = [path = request.path](BodyWriter& writer) {
            const bool written = writer.write("first ") && writer.sleep(1ms) && writer.write("second");
            if (path == "/reset") writer.reset_connection();
            return written && path == "/whole";
        };
        return reply;
    });

    const auto whole = ask(*server, get("/whole", "Connection: close\r\nAccept-Encoding: gzip\r\n"));
    CHECK(body_of(whole) == "6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n");
    CHECK_THAT(whole, Contains("Transfer-Encoding: chunked\r\n") && !Contains("Content-Encoding"));

    RawClient cut{server->port()};
    REQUIRE(cut.send(get("/cut")));
    CHECK(body_of(cut.receive_all()) == "6\r\nfirst \r\n6\r\nsecond\r\n");
    CHECK(cut.ended());

    RawClient reset{server->port()};
    REQUIRE(reset.send(get("/reset")));
    (void)reset.receive_all();
    CHECK(reset.was_reset());
}

TEST_CASE("a port that is taken is an error that names it", "[http]")
{
    const auto server = serve(echo);
    const auto address = "127.0.0.1:" + std::to_string(server->port());

    const auto second = Server::start({.listen = address}, echo);

    REQUIRE_FALSE(second.has_value());
    CHECK_THAT(second.error().message, Contains(address));
}

TEST_CASE("an address that is none is an error", "[http]")
{
    for (const auto* address : {"", "nonsense", "1.2.3.4", "::1:80", "localhost:http", "localhost:99999"}) {
        CHECK_FALSE(Server::start({.listen = address}, echo).has_value());
    }
}

TEST_CASE("a listener on all addresses sees an IPv4 peer by its own address", "[http]")
{
    auto server = Server::start({.listen = ":0"}, [](const Request& request) { return Reply::of(200, "text/plain", request.peer); });
    REQUIRE(server.has_value());

    CHECK(body_of(ask(**server, get("/", "Connection: close\r\nX-Forwarded-For: 9.9.9.9\r\nREMOTE_ADDR: 9.9.9.9\r\n"))) == "127.0.0.1");
}

TEST_CASE("stopping takes well under a second, with clients in every state", "[http]")
{
    const auto large = std::make_shared<const std::string>(std::string(std::size_t{32} << 20U, 'x'));
    const auto server = serve([&](const Request& request) {
        if (request.path == "/large") return Reply::of(200, "text/plain", large);
        Reply reply{.content_type = "text/plain"};
        reply.stream = [](BodyWriter& writer) {
            while (writer.write("x") && writer.sleep(10ms)) {}
            return false;
        };
        return reply;
    });
    RawClient idle{server->port()};
    RawClient half{server->port()};
    RawClient streaming{server->port()};
    RawClient unread{server->port()};
    REQUIRE(half.send("GET /"));
    REQUIRE(streaming.send(get("/stream")));
    REQUIRE_FALSE(streaming.receive_until([](std::string_view received) { return received.size() > 100; }).empty());
    REQUIRE(unread.send(get("/large")));
    REQUIRE_FALSE(unread.receive_until([](std::string_view received) { return !received.empty(); }).empty());

    const auto begin = std::chrono::steady_clock::now();
    server->stop();

    CHECK(std::chrono::steady_clock::now() - begin < 1s);
    CHECK(server->counters().connections == 0);
}

TEST_CASE("a Unix socket is its owner's alone and replaces one that was left behind", "[http]")
{
    const auto folder = std::filesystem::temp_directory_path() / ("seaworthy-" + random_uuid());
    REQUIRE(std::filesystem::create_directory(folder));
    const auto path = (folder / "control.sock").string();
    const auto open = [&] { return Server::start({.listen = "unix:" + path}, echo); };

    auto server = open();
    REQUIRE(server);
    CHECK(std::filesystem::status(path).permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    const auto second = open();
    REQUIRE_FALSE(second);
    CHECK_THAT(second.error().message, Contains(path) && Contains("in use"));
    (*server)->stop();
    server->reset();
    CHECK(std::filesystem::exists(path)); // as after a kill -9
    CHECK(open());

    CHECK_FALSE(Server::start({.listen = "unix:"}, echo));
    CHECK_FALSE(Server::start({.listen = "unix:/" + std::string(200, 'a')}, echo));
    std::filesystem::remove_all(folder);
}

} // namespace seaworthy::http

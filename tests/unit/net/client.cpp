// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/net/client.hpp"

#include <catch2/catch.hpp>

#include "support/fake_server.hpp"

using namespace seaworthy;
using namespace seaworthy::net;
using seaworthy::test::Authority;
using seaworthy::test::FakeServer;
using seaworthy::test::reply;

namespace {

std::shared_ptr<const Route> plain_route()
{
    Route route;
    route.allow_plain_http = true;
    return std::make_shared<const Route>(route);
}

Request to(const std::string& url, std::shared_ptr<const Route> route = plain_route())
{
    Request request;
    request.url = url;
    request.route = std::move(route);
    return request;
}

Client client()
{
    return Client{{.user_agent = "seaworthy/test"}};
}

/// Records what a transfer delivers.
struct Recorder final : Handler {
    std::string body;
    Outcome outcome;
    int status = 0;
    bool done = false;
    std::size_t abort_after = std::string::npos;
    std::function<void()> at_head = [] {};

    Next on_head(const Head& head) override
    {
        status = head.status;
        at_head();
        return Next::go_on;
    }
    Next on_data(std::string_view bytes) override
    {
        body += bytes;
        return body.size() >= abort_after ? Next::abort : Next::go_on;
    }
    void on_done(const Outcome& result) override
    {
        outcome = result;
        done = true;
    }
};

void run(Client& http)
{
    while (http.in_flight() > 0)
        http.step(milliseconds{1000});
}

std::string_view cause_of(Client& http, Request request)
{
    Recorder recorder;
    http.start(std::move(request), recorder);
    run(http);
    UNSCOPED_INFO(recorder.outcome.detail);
    return name(recorder.outcome.cause);
}

} // namespace

TEST_CASE("a request carries our own user agent, the given headers and no more compression than asked for", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok", {"X-One: 1"}); }};
    Client http = client();
    Request request = to(server.url("/version?x=1"));
    request.headers = {{"Accept", "application/json"}, {"Authorization", "Bearer t"}};

    const auto answer = http.fetch(request);

    REQUIRE(answer);
    CHECK(answer->head.status == 200);
    CHECK(answer->head.header("x-one") == "1");
    CHECK(answer->body == "ok");
    const auto seen = server.requests().at(0);
    CHECK(seen.target == "/version?x=1");
    CHECK(seen.headers.at("user-agent") == "seaworthy/test");
    CHECK(seen.headers.at("accept") == "application/json");
    CHECK(seen.headers.at("authorization") == "Bearer t");
    CHECK(seen.headers.at("accept-encoding") == "identity");
    CHECK_FALSE(seen.headers.contains("expect"));
}

TEST_CASE("an error status is an answer", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(503, "busy", {"Retry-After: 7"}); }};
    Client http = client();

    const auto answer = http.fetch(to(server.url()));

    REQUIRE(answer);
    CHECK(answer->head.status == 503);
    CHECK(answer->head.header("retry-after") == "7");
}

TEST_CASE("every method is sent as itself, with its body", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, ""); }};
    Client http = client();
    const std::pair<Method, std::string> cases[] = {{Method::get, "GET"}, {Method::head, "HEAD"},   {Method::post, "POST"},
                                                    {Method::put, "PUT"}, {Method::patch, "PATCH"}, {Method::delete_, "DELETE"}};
    for (const auto& [method, text] : cases) {
        Request request = to(server.url());
        request.method = method;
        if (method != Method::get && method != Method::head) request.body = R"({"a":1})";
        REQUIRE(http.fetch(request));
        CHECK(server.requests().back().method == text);
        CHECK(server.requests().back().body == request.body);
    }
    CHECK(server.requests().back().connection == 1); // one connection for all of them
}

TEST_CASE("redirects are not followed", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(302, "", {"Location: /elsewhere"}); }};
    Client http = client();
    CHECK(http.fetch(to(server.url()))->head.status == 302);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("plain HTTP is refused unless the route allows it", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok"); }};
    Client http = client();

    const auto answer = http.fetch(to(server.url(), std::make_shared<const Route>()));

    REQUIRE_FALSE(answer);
    CHECK(answer.error().message.find("only https") != std::string::npos);
    CHECK(server.requests().empty());
    CHECK(cause_of(http, to("file:///etc/passwd")) == name(Cause::invalid));
}

TEST_CASE("a header value with a line break is not sent, and is not quoted", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok"); }};
    Client http = client();
    Request request = to(server.url());
    request.headers = {{"Authorization", "Bearer secret\r\nX-Evil: 1"}};

    const auto answer = http.fetch(request);

    REQUIRE_FALSE(answer);
    CHECK(answer.error().message.find("Authorization") != std::string::npos);
    CHECK(answer.error().message.find("secret") == std::string::npos);
    CHECK(server.requests().empty());
}

TEST_CASE("a body beyond the limit ends the transfer, counted after decompression", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, std::string(5000, 'x')); }};
    Client http = client();
    Request request = to(server.url());
    request.max_body_bytes = 4999;
    CHECK(cause_of(http, request) == name(Cause::too_large));
    request.max_body_bytes = 5000;
    CHECK(cause_of(http, request) == name(Cause::none));
}

TEST_CASE("an endless head ends the transfer", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) {
        std::string head = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 2000; ++i)
            head += "X-Header-" + std::to_string(i) + ": " + std::string(64, 'y') + "\r\n";
        return FakeServer::Reply{head + "\r\n", FakeServer::Reply::Then::close};
    }};
    Client http = client();
    CHECK(cause_of(http, to(server.url())) == name(Cause::too_large));
}

TEST_CASE("a handler can end a transfer in the middle", "[net]")
{
    FakeServer server{[](const FakeServer::Request&) { return reply(200, std::string(1 << 20, 'x')); }};
    Client http = client();
    Recorder recorder;
    recorder.abort_after = 1;
    http.start(to(server.url()), recorder);
    run(http);
    CHECK(recorder.outcome.cause == Cause::stopped);
    CHECK(recorder.body.size() < (1U << 20U));
}

TEST_CASE("a handler may start the next request from within a callback", "[net]")
{
    FakeServer server{[](const FakeServer::Request& request) { return reply(200, request.target); }};
    Client http = client();
    Recorder first;
    Recorder second;
    first.at_head = [&] { http.start(to(server.url("/second")), second); };
    http.start(to(server.url("/first")), first);
    run(http);
    CHECK(first.body == "/first");
    CHECK(second.body == "/second");
}

TEST_CASE("failures to connect and broken answers have their own causes", "[net]")
{
    Client http = client();
    CHECK(cause_of(http, to("http://127.0.0.1:" + std::to_string(test::unused_port()))) == name(Cause::refused));
    CHECK(cause_of(http, to("http://does-not-exist.invalid")) == name(Cause::dns));
    CHECK(cause_of(http, to("http://[bad")) == name(Cause::invalid));

    using Then = FakeServer::Reply::Then;
    FakeServer server{[](const FakeServer::Request& request) {
        if (request.target == "/reset") return FakeServer::Reply{"", Then::reset};
        if (request.target == "/nothing") return FakeServer::Reply{"", Then::close};
        if (request.target == "/short") return FakeServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Then::close};
        if (request.target == "/chunk") return FakeServer::Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", Then::close};
        if (request.target == "/hang") return FakeServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", Then::hang};
        return FakeServer::Reply{"SSH-2.0-OpenSSH\r\n", Then::close};
    }};
    CHECK(cause_of(http, to(server.url("/reset"))) == name(Cause::reset));
    CHECK(cause_of(http, to(server.url("/nothing"))) == name(Cause::reset));
    CHECK(cause_of(http, to(server.url("/short"))) == name(Cause::truncated));
    CHECK(cause_of(http, to(server.url("/chunk"))) == name(Cause::truncated));
    CHECK(cause_of(http, to(server.url("/ssh"))) == name(Cause::protocol));
    Request slow = to(server.url("/hang"));
    slow.timeout = milliseconds{100};
    CHECK(cause_of(http, slow) == name(Cause::timeout));
}

TEST_CASE("a stop request ends a fetch at once", "[net]")
{
    std::stop_source stop;
    FakeServer server{[&](const FakeServer::Request&) {
        stop.request_stop();
        return FakeServer::Reply{"", FakeServer::Reply::Then::hang};
    }};
    Client http = client();
    const auto before = std::chrono::steady_clock::now();
    const auto answer = http.fetch(to(server.url()), stop.get_token());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == Error::Kind::cancelled);
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds{5});
}

TEST_CASE("TLS trusts the given authority alone and says what is wrong", "[net][tls]")
{
    const Authority authority;
    const Authority other;
    const auto route_with = [](const std::string& ca) {
        Route route;
        route.tls.ca_pem = ca;
        return std::make_shared<const Route>(route);
    };
    const auto script = [](const FakeServer::Request&) { return reply(200, "ok"); };
    Client http = client();

    FakeServer good{script, authority.issue("api", "IP:127.0.0.1")};
    CHECK(cause_of(http, to(good.url(), route_with(authority.certificate()))) == name(Cause::none));
    CHECK(cause_of(http, to(good.url(), route_with(other.certificate()))) == name(Cause::tls_untrusted));
    CHECK(cause_of(http, to(good.url(), std::make_shared<const Route>())) == name(Cause::tls_untrusted));

    FakeServer expired{script, authority.issue("api", "IP:127.0.0.1", -60)};
    CHECK(cause_of(http, to(expired.url(), route_with(authority.certificate()))) == name(Cause::tls_expired));

    FakeServer misnamed{script, authority.issue("api", "DNS:api.example")};
    CHECK(cause_of(http, to(misnamed.url(), route_with(authority.certificate()))) == name(Cause::tls_name));

    FakeServer plain{script};
    CHECK(cause_of(http, to("https://127.0.0.1:" + std::to_string(plain.port()), route_with(authority.certificate()))) == name(Cause::plain_http));
}

TEST_CASE("without verification any certificate is taken", "[net][tls]")
{
    const Authority authority;
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok"); }, authority.issue("api", "DNS:other", -60)};
    Route route;
    route.tls.verify = false;
    Client http = client();
    CHECK(cause_of(http, to(server.url(), std::make_shared<const Route>(route))) == name(Cause::none));
}

TEST_CASE("a TLS server name is verified and the connection still goes to the URL's host", "[net][tls]")
{
    const Authority authority;
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok"); }, authority.issue("api", "DNS:kubernetes.default")};
    Route route;
    route.tls.ca_pem = authority.certificate();
    route.tls.server_name = "kubernetes.default";
    Client http = client();

    const auto answer = http.fetch(to(server.url("/livez?verbose"), std::make_shared<const Route>(route)));

    REQUIRE(answer);
    CHECK(server.requests().at(0).target == "/livez?verbose");
    CHECK(server.requests().at(0).headers.at("host") == "127.0.0.1:" + std::to_string(server.port()));
}

TEST_CASE("a client certificate identifies us, and its absence is named", "[net][tls]")
{
    const Authority authority;
    const auto us = authority.issue("auditor", "");
    FakeServer server{[](const FakeServer::Request&) { return reply(200, "ok"); }, authority.issue("api", "IP:127.0.0.1"), authority.certificate()};
    Route route;
    route.tls.ca_pem = authority.certificate();
    Client http = client();
    CHECK(cause_of(http, to(server.url(), std::make_shared<const Route>(route))) == name(Cause::tls_client));

    route.tls.client_certificate = us.certificate;
    route.tls.client_key = us.key;
    CHECK(cause_of(http, to(server.url(), std::make_shared<const Route>(route))) == name(Cause::none));
    CHECK(server.requests().back().peer_name == "auditor");

    route.tls.client_key = authority.issue("another", "").key;
    http = client(); // connections are told apart by certificate, not by key
    CHECK(cause_of(http, to(server.url(), std::make_shared<const Route>(route))) == name(Cause::tls_client));
}

TEST_CASE("a proxy is used only when the route names one and does not exempt the host", "[net]")
{
    FakeServer target{[](const FakeServer::Request&) { return reply(200, "direct"); }};
    FakeServer proxy{[](const FakeServer::Request& request) { return reply(200, "proxied " + request.target); }};
    ::setenv("http_proxy", proxy.url().c_str(), 1);
    Client http = client();
    CHECK(http.fetch(to(target.url("/a")))->body == "direct"); // not from the environment
    ::unsetenv("http_proxy");

    Route route;
    route.allow_plain_http = true;
    route.proxy = proxy.url();
    CHECK(http.fetch(to(target.url("/a"), std::make_shared<const Route>(route)))->body == "proxied " + target.url("/a"));
    route.no_proxy = "10.0.0.0/8, 127.0.0.0/8";
    CHECK(http.fetch(to(target.url("/a"), std::make_shared<const Route>(route)))->body == "direct");
}

TEST_CASE("an error names the host, the cause and the next step, and leaves the query out", "[net]")
{
    Outcome outcome;
    outcome.cause = Cause::tls_expired;
    outcome.detail = "certificate has expired";

    const Error error = describe("https://user:pw@api.example:6443/api/v1/pods?token=x", outcome);

    CHECK(error.kind == Error::Kind::unreachable);
    CHECK(error.message == "cannot reach https://api.example:6443: its certificate has expired or is not valid yet (certificate has expired)");
    CHECK_FALSE(error.hint.empty());
}

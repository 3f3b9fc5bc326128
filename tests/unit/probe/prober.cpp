// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/probe/prober.hpp"

#include <catch2/catch.hpp>

#include "support/fake_server.hpp"
#include "support/temporary_directory.hpp"

using namespace seaworthy;
using seaworthy::probe::History;
using seaworthy::probe::Prober;
using seaworthy::test::Authority;
using seaworthy::test::FakeServer;
using seaworthy::test::json_reply;
using seaworthy::test::reply;

namespace {

struct Fixture {
    std::int64_t clock = 1'800'000'000;
    check::Outside outside;
    config::Probes limits;
    Prober prober{{.user_agent = "seaworthy/test", .now = [this] { return Timestamp{clock}; }}};

    History ask()
    {
        prober.run(outside, limits, {});
        return prober.history();
    }
};

const model::ProbeAnswer& only(const History& history, const std::string& url)
{
    const auto at = history.find(url);
    REQUIRE(at != history.end());
    REQUIRE(at->second.size() == 1);
    return at->second.front();
}

std::string path_of(const FakeServer::Request& request)
{
    return request.target.substr(0, request.target.find('?'));
}

} // namespace

TEST_CASE("a registry is pinged, and its answer kept whatever the status")
{
    const FakeServer server{[](const auto&) { return reply(401, "", {"WWW-Authenticate: Basic realm=\"x\""}); }};
    Fixture fixture;
    fixture.outside.registries = {{.host = "registry.example", .api_url = server.url()}};

    const auto answer = only(fixture.ask(), server.url("/v2/"));

    CHECK(answer.status == 401);
    CHECK(answer.headers.at("www-authenticate") == "Basic realm=\"x\"");
    CHECK(answer.at == Timestamp{fixture.clock});
    CHECK_FALSE(answer.tls_verified);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].method == "GET");
    CHECK(requests[0].headers.count("authorization") == 0);
    CHECK(requests[0].headers.at("user-agent") == "seaworthy/test");
}

TEST_CASE("a registry that only nodes reach is left alone")
{
    const FakeServer server{[](const auto&) { return reply(200, ""); }};
    Fixture fixture;
    fixture.outside.registries = {{.host = "registry.example", .api_url = server.url(), .from_nodes_only = true}};

    CHECK(fixture.ask().empty());
    CHECK(server.requests().empty());
}

TEST_CASE("a redirect is an answer, never followed")
{
    const FakeServer elsewhere{[](const auto&) { return reply(200, ""); }};
    const FakeServer server{[&](const auto&) { return reply(302, "", {"Location: " + elsewhere.url("/v2/")}); }};
    Fixture fixture;
    fixture.outside.registries = {{.host = "registry.example", .api_url = server.url()}};

    CHECK(only(fixture.ask(), server.url("/v2/")).status == 302);
    CHECK(elsewhere.requests().empty());
}

TEST_CASE("the page that starts a component's login is asked, and where it leads is kept")
{
    const FakeServer server{[](const auto&) { return reply(302, "", {"Location: https://idp.example/authorize?client_id=portal"}); }};
    Fixture fixture;
    fixture.outside.oidc.extra_components = {"app=portal probe " + server.url("/auth/start"), "app=other env ISSUER"};

    const auto history = fixture.ask();
    CHECK(history.size() == 1);
    CHECK(only(history, server.url("/auth/start")).headers.at("location") == "https://idp.example/authorize?client_id=portal");
}

TEST_CASE("an anonymous token is asked for where the registry says, used once and never kept")
{
    std::string own_url;
    const FakeServer server{[&](const FakeServer::Request& request) {
        if (path_of(request) == "/token") return json_reply(200, R"({"token":"anybody-gets-this"})");
        if (request.headers.count("authorization") != 0) return reply(404, "");
        return reply(401, "", {"WWW-Authenticate: Bearer realm=\"" + own_url + "/token\",service=\"registry.example\""});
    }};
    own_url = server.url();
    Fixture fixture;
    fixture.outside.registries = {{.host = "registry.example", .api_url = server.url(), .repo = "library/app", .tag = "1", .expect_private = true}};

    const auto history = fixture.ask();

    const auto& manifest = history.at(server.url("/v2/library/app/manifests/1"));
    REQUIRE(manifest.size() == 2);
    CHECK(manifest[0].status == 401);
    CHECK(manifest[0].authorization.empty());
    CHECK(manifest[1].status == 404);
    CHECK(manifest[1].authorization == "anonymous");
    bool used = false;
    for (const auto& request : server.requests()) {
        if (path_of(request) != "/v2/library/app/manifests/1") continue;
        CHECK(request.method == "HEAD");
        used = used || (request.headers.count("authorization") != 0 && request.headers.at("authorization") == "Bearer anybody-gets-this");
    }
    CHECK(used);
    for (const auto& [url, answers] : history)
        for (const auto& answer : answers)
            CHECK(answer.body.find("anybody-gets-this") == std::string::npos);
}

TEST_CASE("a token realm on a host that nobody configured is not asked")
{
    const FakeServer realm{[](const auto&) { return json_reply(200, R"({"token":"x"})"); }};
    const FakeServer server{[&](const FakeServer::Request& request) {
        return request.method == "HEAD" ? reply(401, "", {"WWW-Authenticate: Bearer realm=\"" + realm.url("/token") + "\""}) : reply(200, "");
    }};
    Fixture fixture;
    fixture.outside.registries = {{.host = "registry.example", .api_url = server.url(), .repo = "a", .tag = "1", .expect_private = true}};

    const auto history = fixture.ask();

    CHECK(only(history, server.url("/v2/a/manifests/1")).status == 401);
    CHECK(realm.requests().empty());
}

TEST_CASE("an issuer's key set is asked for on its own host, by TLS with the given authority")
{
    const Authority authority;
    const test::TemporaryDirectory folder;
    const auto ca_file = folder.write("ca.pem", authority.certificate());
    std::string issuer;
    const FakeServer server{[&](const FakeServer::Request& request) {
                                if (request.target == "/.well-known/openid-configuration")
                                    return json_reply(200, R"({"issuer":")" + issuer + R"(","jwks_uri":")" + issuer + R"(/keys"})");
                                return json_reply(200, R"({"keys":[]})");
                            },
                            authority.issue("idp", "IP:127.0.0.1")};
    issuer = server.url();
    Fixture fixture;
    fixture.outside.oidc.issuers = {{.url = issuer, .ca_file = ca_file}};

    const auto history = fixture.ask();

    const auto discovery = only(history, issuer + "/.well-known/openid-configuration");
    CHECK(discovery.status == 200);
    CHECK(discovery.tls_verified);
    CHECK(discovery.tls_not_after.known());
    CHECK(only(history, issuer + "/keys").body == R"({"keys":[]})");
}

TEST_CASE("a key set at a private address of another host is not asked for")
{
    const Authority authority;
    const test::TemporaryDirectory folder;
    const auto ca_file = folder.write("ca.pem", authority.certificate());
    const FakeServer inside{[](const auto&) { return json_reply(200, "{}"); }, authority.issue("inside", "DNS:localhost")};
    const auto keys = "https://localhost:" + std::to_string(inside.port()) + "/keys";
    const FakeServer server{[&](const auto&) { return json_reply(200, R"({"jwks_uri":")" + keys + R"("})"); },
                            authority.issue("idp", "IP:127.0.0.1")};
    Fixture fixture;
    fixture.outside.oidc.issuers = {{.url = server.url(), .ca_file = ca_file}};

    CHECK(only(fixture.ask(), keys).error == "refused");
    CHECK(inside.requests().empty());
}

TEST_CASE("why nobody answered has the names of the snapshot format")
{
    const Authority authority;
    const FakeServer untrusted{[](const auto&) { return reply(200, ""); }, authority.issue("x", "IP:127.0.0.1")};
    const FakeServer plain{[](const auto&) { return reply(200, ""); }};
    const auto tls_to_plain = "https://127.0.0.1:" + std::to_string(plain.port());
    const auto nobody = "http://127.0.0.1:" + std::to_string(test::unused_port());
    Fixture fixture;
    fixture.outside.registries = {{.host = "a", .api_url = untrusted.url()},
                                  {.host = "b", .api_url = tls_to_plain},
                                  {.host = "d", .api_url = nobody},
                                  {.host = "e", .api_url = "http://169.254.169.254"}};

    const auto history = fixture.ask();

    CHECK(only(history, untrusted.url("/v2/")).error == "tls_untrusted");
    CHECK(only(history, tls_to_plain + "/v2/").error == "plain_http");
    CHECK(only(history, nobody + "/v2/").error == "refused");
    CHECK(only(history, "http://169.254.169.254/v2/").error == "refused");
}

TEST_CASE("who says nothing for as long as a probe may take has timed out")
{
    const FakeServer silent{[](const auto&) { return FakeServer::Reply{"", FakeServer::Reply::Then::hang}; }};
    Fixture fixture;
    fixture.limits.timeout = std::chrono::milliseconds{200};
    fixture.outside.registries = {{.host = "a", .api_url = silent.url()}};

    CHECK(only(fixture.ask(), silent.url("/v2/")).error == "timeout");
}

TEST_CASE("equal answers in a row are one row for an hour, and old ones go")
{
    int status = 200;
    const FakeServer server{[&](const auto&) { return reply(status, "body"); }};
    Fixture fixture;
    fixture.clock = 1'800'000'000 - 1'800'000'000 % 3600;
    fixture.outside.registries = {{.host = "a", .api_url = server.url()}};
    const auto url = server.url("/v2/");

    fixture.ask();
    fixture.clock += 60;
    auto rows = fixture.ask().at(url);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].samples == 2);
    CHECK(rows[0].at == Timestamp{fixture.clock});
    CHECK(rows[0].body == "body");

    status = 503;
    fixture.clock += 60;
    rows = fixture.ask().at(url);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].status == 200);
    CHECK(rows[0].body.empty());
    CHECK(rows[1].status == 503);

    fixture.clock += 3600;
    rows = fixture.ask().at(url);
    CHECK(rows.size() == 3);

    fixture.clock += 11 * 24 * 3600;
    rows = fixture.ask().at(url);
    CHECK(rows.size() == 1);
}

TEST_CASE("an answer of more than a mebibyte is none")
{
    const FakeServer server{[](const auto&) { return reply(200, std::string((1U << 20U) + 1, 'x')); }};
    Fixture fixture;
    fixture.outside.components = {{"headlamp", server.url()}};

    const auto answer = only(fixture.ask(), server.url("/config"));
    CHECK(answer.error == "reset");
    CHECK(answer.body.empty());
}

TEST_CASE("what is no longer configured is forgotten")
{
    const FakeServer server{[](const auto&) { return reply(200, ""); }};
    Fixture fixture;
    fixture.outside.registries = {{.host = "a", .api_url = server.url()}};
    CHECK(fixture.ask().size() == 1);
    fixture.outside.registries.clear();
    CHECK(fixture.ask().empty());
}

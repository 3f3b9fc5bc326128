// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "http_bench.hpp"
#include "seaworthy/base/base64.hpp"
#include "seaworthy/events/encoding.hpp"
#include "sinks/codec.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

config::Sink webhook(const FakeServer& server)
{
    config::Sink sink;
    sink.name = "soar";
    sink.type = config::Sink::Type::webhook;
    sink.url = server.url("/hook");
    sink.allow_http = true;
    return sink;
}

} // namespace

TEST_CASE("codecs")
{
    CHECK(encode_base64("") == "");
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("foobar") == "Zm9vYmFy"); // RFC 4648 §10
    CHECK(decode_base64("Zm9vYg==") == "foob");
    CHECK(decode_base64("no base64").value_or("").empty());
    CHECK(sinks::hex(sinks::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"); // RFC 4231 §4.3
    CHECK(gunzip(sinks::gzip(std::string(100'000, 'x'))) == std::string(100'000, 'x'));
    CHECK(sinks::json_string("a\"\n\xff") == R"("a\"\n)"
                                             "\xEF\xBF\xBD\"");
}

TEST_CASE("Retry-After is a number of seconds or a date")
{
    constexpr std::int64_t k_now = 1'787'303'643;
    CHECK(sinks::parse_retry_after("7", k_now) == 7s);
    CHECK(sinks::parse_retry_after("1000000000", k_now) == 1'000'000'000s);
    CHECK(sinks::parse_retry_after("99999999999999999999999", k_now) == 1'000'000'000s);
    CHECK(sinks::parse_retry_after("Fri, 21 Aug 2026 09:14:13 GMT", k_now) == 10s);
    CHECK(sinks::parse_retry_after("Fri, 21 Aug 2020 09:14:13 GMT", k_now) == 0s);
    for (const auto* other : {"", "soon", "-1", "7.5", "Fri, 21 Aug 2026"})
        CHECK_FALSE(sinks::parse_retry_after(other, k_now));
}

static std::string cloud_event(const char* uid)
{
    return events::encode(events::Format::cloudevents, event(uid).body);
}

TEST_CASE("a webhook gets a batch as an array, and one event as an object where batches are of one")
{
    const FakeServer server{[](const auto&) { return reply(204, ""); }};
    auto sink = webhook(server);
    sink.fields = {{"X-Team", "platform"}};
    CHECK(http(sink)->send(numbered(1, 2), {}).answer == Answer::delivered);
    sink.batch_events = 1;
    CHECK(http(sink)->send(numbered(3, 3), {}).answer == Answer::delivered);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].target == "/hook");
    CHECK(requests[0].headers.at("content-type") == "application/cloudevents-batch+json; charset=UTF-8");
    CHECK(requests[0].headers.at("x-team") == "platform");
    CHECK(requests[0].headers.at("user-agent") == "seaworthy/test");
    CHECK(requests[0].body == "[" + cloud_event("e1") + "," + cloud_event("e2") + "]");
    CHECK(requests[1].headers.at("content-type") == "application/cloudevents+json; charset=UTF-8");
    CHECK(requests[1].body == cloud_event("e3"));
}

TEST_CASE("a webhook is signed with every secret, which are read anew for each request")
{
    const TemporaryDirectory directory;
    const FakeServer server{[](const auto&) { return reply(200, ""); }};
    auto sink = webhook(server);
    sink.batch_events = 1;
    sink.hmac_secret_files = {directory.write("new", "whsec_" + encode_base64("new key") + "\n"), directory.write("old", "old key\n")};
    sink.hub_signature_secret_file = directory.write("hub", "It's a Secret to Everybody");
    const auto transport = http(sink);
    CHECK(transport->send(numbered(1, 1), {}).answer == Answer::delivered);
    directory.write("old", "other key");
    CHECK(transport->send(numbered(1, 1), {}).answer == Answer::delivered);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 2);
    const auto sign = [&](const std::string& key) { return "v1," + encode_base64(sinks::hmac_sha256(key, "e1.1787303700." + requests[0].body)); };
    CHECK(requests[0].headers.at("webhook-id") == "e1");
    CHECK(requests[0].headers.at("webhook-timestamp") == "1787303700");
    CHECK(requests[0].headers.at("webhook-signature") == sign("new key") + " " + sign("old key"));
    CHECK(requests[0].headers.at("x-hub-signature-256") ==
          "sha256=" + sinks::hex(sinks::hmac_sha256("It's a Secret to Everybody", requests[0].body)));
    CHECK(requests[1].headers.at("webhook-signature") == sign("new key") + " " + sign("other key"));
}

TEST_CASE("a webhook's answers")
{
    const auto [status, answer] = GENERATE(table<int, Answer>({{200, Answer::delivered},
                                                               {202, Answer::delivered},
                                                               {302, Answer::sink_fault},
                                                               {400, Answer::event_fault},
                                                               {401, Answer::sink_fault},
                                                               {403, Answer::sink_fault},
                                                               {404, Answer::sink_fault},
                                                               {405, Answer::sink_fault},
                                                               {408, Answer::transient},
                                                               {410, Answer::disabled},
                                                               {413, Answer::too_large},
                                                               {422, Answer::event_fault},
                                                               {425, Answer::transient},
                                                               {429, Answer::transient},
                                                               {500, Answer::transient},
                                                               {503, Answer::transient}}));
    INFO(status);
    const FakeServer server{[status = status](const auto&) {
        return reply(status, "words\x1b", {"Retry-After: 7", "Location: https://elsewhere.example/"});
    }};
    const auto delivery = http(webhook(server))->send(numbered(1, 1), {});
    CHECK(delivery.answer == answer);
    CHECK(delivery.status == status);
    CHECK(delivery.wait == 7s);
    CHECK(server.requests().size() == 1);
    if (answer != Answer::delivered) CHECK(delivery.detail.find("HTTP " + std::to_string(status) + ": words") == 0);
}

TEST_CASE("credentials come from their files each time, and never into a detail")
{
    const TemporaryDirectory directory;
    const FakeServer server{[](const FakeServer::Request& request) { return reply(403, "you sent " + request.headers.at("authorization")); }};
    auto sink = webhook(server);
    SECTION("a token")
    {
        sink.token_file = directory.write("token", "s3cr3t-one\n");
        const auto transport = http(sink);
        CHECK(transport->send(numbered(1, 1), {}).detail == "HTTP 403: you sent Bearer ***");
        directory.write("token", "s3cr3t-two\n");
        (void)transport->send(numbered(1, 1), {});
        CHECK(server.requests()[1].headers.at("authorization") == "Bearer s3cr3t-two");
    }
    SECTION("a password")
    {
        sink.username = "Aladdin";
        sink.password_file = directory.write("password", "open sesame");
        CHECK(http(sink)->send(numbered(1, 1), {}).detail == "HTTP 403: you sent Basic ***");
        CHECK(server.requests()[0].headers.at("authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="); // RFC 7617 §2
    }
}

TEST_CASE("what is wrong before anything is sent is a fault of the sink")
{
    const TemporaryDirectory directory;
    const FakeServer server{[](const auto&) { return reply(200, ""); }};
    auto sink = webhook(server);
    std::string reason = "token";
    SECTION("no token file")
    {
        sink.token_file = directory.path("none");
    }
    SECTION("an empty token file")
    {
        sink.token_file = directory.write("empty", "\n");
    }
    SECTION("a certificate authority that is not there")
    {
        sink.ca_file = directory.path("none");
        reason = "tls_file";
    }
    SECTION("no encryption")
    {
        sink.allow_http = false;
        reason = "url";
    }
    SECTION("a password in the URL")
    {
        sink.url = "http://user:hunter2@127.0.0.1/";
        reason = "url";
    }
    SECTION("a secret that is not there")
    {
        sink.hmac_secret_files = {directory.path("none")};
        reason = "hmac_secret";
    }
    const auto delivery = http(sink)->send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.reason == reason);
    CHECK(delivery.detail.find("hunter2") == std::string::npos);
    CHECK(server.requests().empty());
}

TEST_CASE("a receiver that is not there, or breaks off, is waited for")
{
    config::Sink sink;
    sink.type = config::Sink::Type::webhook;
    sink.allow_http = true;
    sink.url = "http://127.0.0.1:" + std::to_string(unused_port());
    const auto refused = http(sink)->send(numbered(1, 1), {});
    CHECK(refused.answer == Answer::transient);
    CHECK(refused.reason == "refused");
    const FakeServer server{[](const auto&) {
        return FakeServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", FakeServer::Reply::Then::reset};
    }};
    sink.url = server.url();
    CHECK(http(sink)->send(numbered(1, 1), {}).answer == Answer::transient);
}

TEST_CASE("TLS that does not hold is a fault of the sink, and nothing is sent")
{
    const TemporaryDirectory directory;
    const Authority authority;
    const Authority other;
    const bool expired = GENERATE(false, true);
    const FakeServer server{[](const auto&) { return reply(200, ""); }, authority.issue("soar", "IP:127.0.0.1", expired ? -60 : 3600)};
    auto sink = webhook(server);
    sink.allow_http = false;
    sink.ca_file = directory.write("ca.pem", authority.certificate());
    std::string reason;
    if (expired) {
        reason = "tls_expired";
    } else {
        CHECK(http(sink)->send(numbered(1, 1), {}).answer == Answer::delivered);
        sink.server_name = "other.example";
        const auto named = http(sink)->send(numbered(1, 1), {});
        CHECK(named.answer == Answer::sink_fault);
        CHECK(named.reason == "tls_name");
        sink.server_name.clear();
        sink.ca_file = directory.write("other.pem", other.certificate());
        reason = "tls_untrusted";
    }
    const auto delivery = http(sink)->send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.reason == reason);
    CHECK(server.requests().size() == (expired ? 0U : 1U));
}

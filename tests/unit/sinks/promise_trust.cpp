// SPDX-License-Identifier: Apache-2.0
// What is promised for a receiver that cannot prove who it is. The row is that of docs/siem.md, "What the promise is tested by".
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "intake.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "sinks/syslog.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

/// Whether a client that is content with TLS 1.1 gets through.
bool takes_tls_1_1(std::uint16_t port)
{
    const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    REQUIRE(::connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0); // NOLINT: the sockets API
    auto* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    auto* tls = SSL_new(context);
    SSL_set_fd(tls, socket.number());
    const bool through = SSL_connect(tls) == 1 && SSL_version(tls) == TLS1_1_VERSION;
    SSL_free(tls);
    SSL_CTX_free(context);
    return through;
}

struct Case {
    const char* what;
    const char* reason;
};

} // namespace

TEST_CASE("row 25: a receiver that cannot prove who it is gets nothing, and never a plain byte")
{
    const auto now = GENERATE(values<Case>(
        {{"wrong authority", "tls_untrusted"}, {"wrong name", "tls_name"}, {"expired", "tls_expired"}, {"TLS 1.1", "tls_other"}, {"sound", ""}}));
    const bool by_syslog = GENERATE(false, true);
    INFO(now.what << (by_syslog ? " by syslog" : " by HTTP"));
    const std::string_view what = now.what;
    const Authority authority;
    const Authority other;
    const auto identity = authority.issue("siem", what == "wrong name" ? "DNS:other.example" : "IP:127.0.0.1", what == "expired" ? -60 : 3600);
    const FakeServer server{
        [](const auto&) { return reply(200, ""); }, identity, {}, what == "TLS 1.1" ? FakeServer::Versions::tls_1_1 : FakeServer::Versions::modern};
    if (what == "TLS 1.1") REQUIRE(takes_tls_1_1(server.port()));
    std::chrono::milliseconds time{};
    const auto make = [&](const config::Sink& sink) -> std::unique_ptr<sinks::Transport> {
        if (by_syslog) return std::make_unique<sinks::Syslog>(sink, [&] { return std::chrono::steady_clock::time_point{time}; });
        return http(sink, sinks::k_webhook);
    };
    Bench bench{[&](auto& sink) {
                    sink.url = server.url();
                    sink.address = "127.0.0.1:" + std::to_string(server.port());
                    if (by_syslog) sink.type = config::Sink::Type::syslog;
                },
                make};
    bench.sink.ca_file = bench.directory().write("ca.pem", (what == "wrong authority" ? other : authority).certificate());
    bench.restart();
    bench.write(numbered(1, 3));

    (void)bench.step();

    CHECK(bench.parked().empty());
    const auto facts = bench.courier->facts();
    if (what == "sound") {
        CHECK(facts.failures.empty());
        return;
    }
    CHECK(facts.failures.at("sink_fault") == 3);
    REQUIRE(bench.changes.size() == 1);
    CHECK(bench.changes[0].reason == now.reason);
    CHECK(is_pause(bench.changes[0].now));
    CHECK(bench.backlog().events == 3);
    CHECK(server.requests().empty());
    CHECK_THAT(server.stray(), !Catch::Contains("metadata"));
}

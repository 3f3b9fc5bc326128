// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "unit/publish/report_builder.hpp"
#include "unit/publish/route_client.hpp"

using namespace seaworthy;
using test::RouteClient;

namespace {

publish::RouteSettings bound_to_loopback(std::vector<std::string> allowed = {})
{
    publish::RouteSettings settings;
    settings.on_loopback = true;
    settings.allowed_hosts = std::move(allowed);
    return settings;
}

int status(const RouteClient& client, std::string host, std::string peer = "127.0.0.1", std::string_view path = "/")
{
    return client.request("GET", path, {{"Host", std::move(host)}}, std::move(peer)).status;
}

} // namespace

TEST_CASE("a loopback listener answers to localhost and addresses, not to a name that a foreign site can have resolve to it", "[hosts]")
{
    const RouteClient client{test::sample_report(), bound_to_loopback()};

    for (const auto* host : {"localhost", "localhost:9817", "LOCALHOST:9817", "localhost.", "seaworthy.localhost:80", "127.0.0.1:9817", "127.8.8.8",
                             "[::1]:9817", "[::1]", "10.0.0.7:9817"}) {
        CAPTURE(host);
        CHECK(status(client, host) == 200);
    }
    for (const auto* host : {"evil.example", "evil.example:9817", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "[evil]",
                             "0x7f.1", "localhost@evil.example"}) {
        CAPTURE(host);
        CHECK(status(client, host) == 421);
    }
}

TEST_CASE("every page, document and error is kept from a foreign name, metrics are not", "[hosts]")
{
    const RouteClient client{test::sample_report(), bound_to_loopback()};

    for (const auto* path : {"/", "/findings", "/status", "/api/v1/report", "/api/v1/status", "/openapi.json", "/assets/seaworthy.css", "/nowhere"}) {
        CAPTURE(path);
        const auto reply = client.get(path, {{"Host", "evil.example"}});
        CHECK(reply.status == 421);
        CHECK(reply.content_type == "application/problem+json");
        CHECK(test::body_of(reply).find("http.allowedHosts") != std::string::npos);
        CHECK(test::header_of(reply, "Cache-Control") == "no-store");
    }
    CHECK(client.request("POST", "/api/v1/audit", {{"Host", "evil.example"}}).status == 421);
    CHECK(status(client, "evil.example", "127.0.0.1", "/metrics") == 200);
}

TEST_CASE("a listener of a cluster answers to any name, except through a tunnel that ends on its own machine", "[hosts]")
{
    const RouteClient client{test::sample_report()};

    CHECK(status(client, "seaworthy.monitoring.svc:9817", "10.244.1.9") == 200);
    CHECK(status(client, "posture.example.com", "10.244.1.9") == 200);
    CHECK(status(client, "posture.example.com", "127.0.0.6") == 200); // a mesh's sidecar
    CHECK(status(client, "evil.example:9817", "127.0.0.1") == 421);   // kubectl port-forward
    CHECK(status(client, "evil.example:9817", "::1") == 421);
    CHECK(status(client, "localhost:9817", "127.0.0.1") == 200);
}

TEST_CASE("names that the configuration lists are the only ones, from wherever the request comes", "[hosts]")
{
    publish::RouteSettings settings;
    settings.allowed_hosts = {"posture.example.com", "*.svc"};
    const RouteClient client{test::sample_report(), settings};

    CHECK(status(client, "Posture.Example.com", "10.244.1.9") == 200);
    CHECK(status(client, "seaworthy.monitoring.svc:9817", "10.244.1.9") == 200);
    CHECK(status(client, "10.96.0.20:9817", "10.244.1.9") == 200);
    CHECK(status(client, "evil.example", "10.244.1.9") == 421);
    CHECK(status(client, "posture.example.com", "127.0.0.1") == 200);
    CHECK(status(RouteClient{test::sample_report(), bound_to_loopback({"*"})}, "evil.example") == 200);
}

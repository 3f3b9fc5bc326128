// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "unit/publish/exposition_parser.hpp"
#include "unit/publish/report_builder.hpp"
#include "unit/publish/route_client.hpp"

using namespace seaworthy;
using test::body_of;
using test::header_of;
using test::RouteClient;

namespace {

constexpr const char* k_pages[] = {"/", "/namespaces/payments", "/controls", "/controls/rbac", "/findings", "/tenants", "/exemptions", "/status"};
constexpr const char* k_api[] = {"/api/v1/report",   "/api/v1/namespaces", "/api/v1/namespaces/payments", "/api/v1/controls", "/api/v1/controls/rbac",
                                 "/api/v1/findings", "/api/v1/tenants",    "/api/v1/exemptions",          "/api/v1/status"};

} // namespace

TEST_CASE("every page and API resource answers with its type and the security headers", "[routes]")
{
    const RouteClient client{test::sample_report()};
    const auto check = [&](const char* path, const std::string& type) {
        const auto reply = client.get(path);
        INFO(path);
        CHECK(reply.status == 200);
        CHECK(reply.content_type == type);
        CHECK(header_of(reply, "Content-Security-Policy").find("default-src 'none'") == 0);
        CHECK(header_of(reply, "X-Content-Type-Options") == "nosniff");
        CHECK(header_of(reply, "Cache-Control") == "no-cache");
        CHECK(header_of(reply, "Strict-Transport-Security").empty());
        CHECK(body_of(reply).size() > 100);
    };
    for (const auto* path : k_pages)
        check(path, "text/html; charset=utf-8");
    for (const auto* path : k_api)
        check(path, "application/json; charset=utf-8");
}

TEST_CASE("errors carry the security headers too", "[routes]")
{
    const RouteClient client{test::sample_report()};

    for (const auto& reply :
         {client.get("/nowhere"), client.get("/api/v1/nowhere"), client.request("PUT", "/"), client.get("/api/v1/findings?stauts=fail")}) {
        CHECK(reply.status >= 400);
        CHECK(header_of(reply, "X-Frame-Options") == "DENY");
        CHECK(header_of(reply, "Cache-Control") == "no-store");
    }
}

TEST_CASE("only GET and HEAD are served, and the reply says so", "[routes]")
{
    const RouteClient client{test::sample_report()};

    for (const auto* method : {"PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", ""}) {
        const auto reply = client.request(method, "/api/v1/report");
        INFO(method);
        CHECK(reply.status == 405);
        CHECK(header_of(reply, "Allow") == "GET, HEAD");
    }
    CHECK(client.request("HEAD", "/").status == 200);
    CHECK(header_of(client.get("/api/v1/audit"), "Allow") == "POST");
}

TEST_CASE("unknown paths and objects are 404 in the form of their part of the site", "[routes]")
{
    const RouteClient client{test::sample_report()};

    for (const auto* path :
         {"/nope", "/namespaces/", "/namespaces/gone", "/namespaces/payments/x", "/controls/gone", "/assets/x.css", "//", "/metrics/"}) {
        INFO(path);
        CHECK(client.get(path).status == 404);
    }
    const auto api = client.get("/api/v1/namespaces/gone");
    CHECK(api.status == 404);
    CHECK(api.content_type == "application/problem+json");
    CHECK(client.get("/nope").content_type == "text/html; charset=utf-8");
}

TEST_CASE("before the first report the page says what happens, the API asks for patience and metrics are the daemon's own", "[routes]")
{
    RouteClient client;
    client.publication.audit_started(Timestamp{1'795'320'120});
    client.publication.audit_failed("cannot reach https://10.0.0.1: connection refused", Timestamp{1'795'320'150});
    client.publication.audit_started(Timestamp{1'795'320'170});

    const auto page = client.get("/");
    CHECK(page.status == 503);
    CHECK(header_of(page, "Retry-After") == "5");
    CHECK(body_of(page).find("connection refused") != std::string::npos);
    CHECK(body_of(page).find("10s ago") != std::string::npos);

    const auto api = client.get("/api/v1/namespaces");
    CHECK(api.status == 503);
    CHECK(header_of(api, "Retry-After") == "5");
    CHECK(api.content_type == "application/problem+json");

    CHECK(client.get("/status").status == 200);
    CHECK(client.get("/api/v1/status").status == 200);
    const auto families = test::parse_text(body_of(client.get("/metrics")));
    CHECK(families.count("seaworthy_build_info") == 1);
    CHECK(families.count("seaworthy_cluster_score_ratio") == 0);
}

TEST_CASE("an API answer is revalidated by the report's uid", "[routes]")
{
    const RouteClient client{test::sample_report()};
    const auto etag = header_of(client.get("/api/v1/report"), "ETag");

    CHECK(etag == "W/\"5f0c9a4e-0000-4000-8000-000000000001\"");
    const auto same = client.get("/api/v1/report", {{"If-None-Match", "\"other\", " + etag}});
    CHECK(same.status == 304);
    CHECK(header_of(same, "ETag") == etag);
    CHECK_FALSE(same.body);
    CHECK_FALSE(same.stream);
    CHECK(client.get("/api/v1/report", {{"If-None-Match", "\"other\""}}).status == 200);
    CHECK(client.get("/api/v1/report", {{"If-None-Match", "*"}}).status == 304);
    CHECK(header_of(client.get("/api/v1/status"), "ETag").empty());
}

TEST_CASE("big bodies are gzipped for those who take it", "[routes]")
{
    const RouteClient client{test::sample_report()};
    for (const auto* path : {"/", "/api/v1/report", "/api/v1/namespaces", "/openapi.json", "/metrics"}) {
        const auto plain = client.get(path);
        const auto compressed = client.get(path, {{"Accept-Encoding", "br, gzip"}});
        const auto refused = client.get(path, {{"Accept-Encoding", "gzip;q=0"}});
        INFO(path);
        CHECK(header_of(plain, "Content-Encoding").empty());
        CHECK(header_of(refused, "Content-Encoding").empty());
        CHECK(header_of(compressed, "Content-Encoding") == "gzip");
        CHECK(header_of(compressed, "Vary").find("Accept-Encoding") != std::string::npos);
        if (std::string_view{path} != "/metrics") CHECK(body_of(compressed) == body_of(plain)); // its counters move
    }
    CHECK(header_of(client.get("/api/v1/tenants", {{"Accept-Encoding", "gzip"}}), "Content-Encoding").empty());
}

TEST_CASE("metrics are negotiated, and OpenMetrics ends with its mark", "[routes]")
{
    const RouteClient client{test::sample_report()};

    const auto text = client.get("/metrics");
    const auto open_metrics = client.get("/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0"}, {"Accept-Encoding", "gzip"}});

    CHECK(text.content_type == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(open_metrics.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
    const auto families = test::parse_text(body_of(text));
    CHECK(families.count("seaworthy_cluster_score_ratio") == 1);
    CHECK(families.count("seaworthy_build_info") == 1);
    CHECK(test::parse_open_metrics(body_of(open_metrics)).count("seaworthy_cluster_score_ratio") == 1);
}

TEST_CASE("a replica that stands by keeps the compliance families to itself", "[routes]")
{
    RouteClient client{test::sample_report()};
    client.publication.set_leading(false);

    const auto families = test::parse_text(body_of(client.get("/metrics")));

    CHECK(families.count("seaworthy_cluster_score_ratio") == 0);
    CHECK(families.count("seaworthy_leader") == 1);
    CHECK(client.get("/").status == 200);
}

TEST_CASE("requests are counted by route, never by path", "[routes]")
{
    const RouteClient client{test::sample_report()};
    for (const auto* path : {"/namespaces/shop", "/namespaces/legacy", "/nope/1", "/nope/2"})
        (void)client.get(path);

    const auto body = body_of(client.get("/metrics"));

    CHECK(body.find("seaworthy_http_requests_total{handler=\"namespace\",code=\"200\"} 2\n") != std::string::npos);
    CHECK(body.find("seaworthy_http_requests_total{handler=\"other\",code=\"404\"} 2\n") != std::string::npos);
    CHECK(body.find("nope") == std::string::npos);
}

TEST_CASE("a new report replaces the old one while readers keep theirs", "[routes]")
{
    RouteClient client{test::sample_report()};
    const auto before = client.get("/api/v1/report");

    test::ReportBuilder builder;
    builder.ns({"fresh", ""});
    builder.raw().uid = "second";
    client.publication.publish(builder.build(), test::imprint(), {}, Timestamp{1'795'320'100});

    CHECK(body_of(before).find("\"payments\"") != std::string::npos);
    const auto after = client.get("/api/v1/report");
    CHECK(body_of(after).find("\"payments\"") == std::string::npos);
    CHECK(header_of(after, "ETag") == "W/\"second\"");
    CHECK(body_of(client.get("/metrics")).find("namespace=\"payments\"") == std::string::npos);
}

TEST_CASE("liveness follows the event loop, readiness the first report and the shutdown", "[probes]")
{
    RouteClient client;
    const auto probe = [&](const char* path, const char* method = "GET") {
        http::Request request;
        request.method = method;
        request.path = path;
        return publish::answer_probe(request, client.publication).status;
    };

    CHECK(probe("/livez") == 200);
    CHECK(probe("/startupz") == 200);
    CHECK(probe("/readyz") == 503);
    CHECK(probe("/healthz") == 404);
    CHECK(probe("/livez", "POST") == 405);
    client.publication.publish(test::sample_report(), test::imprint(), {}, Timestamp{1});
    CHECK(probe("/readyz") == 200);
    client.publication.begin_shutdown();
    CHECK(probe("/readyz") == 503);
    CHECK(probe("/livez") == 200);
    CHECK_FALSE(client.publication.alive(std::chrono::seconds{0}));
}

TEST_CASE("an audit is started by request only where that is allowed", "[routes]")
{
    int started = 0;
    bool running = false;
    const auto settings = [&] {
        publish::RouteSettings value;
        value.trigger_audit = [&] { return running ? false : (++started, true); };
        value.trigger_pause = std::chrono::seconds{3600};
        return value;
    };
    const auto post = [](const RouteClient& client, std::vector<http::Field> headers = {}, std::string peer = "127.0.0.1") {
        return client.request("POST", "/api/v1/audit", std::move(headers), std::move(peer)).status;
    };

    SECTION("off by default")
    {
        CHECK(post(RouteClient{test::sample_report()}) == 403);
        CHECK(post(RouteClient{test::sample_report(), settings()}) == 403);
        CHECK(started == 0);
    }
    SECTION("from this machine, not from others and not from a foreign page")
    {
        auto value = settings();
        value.on_loopback = true;
        const RouteClient client{test::sample_report(), value};
        CHECK(post(client, {}, "10.0.0.9") == 403);
        CHECK(post(client, {{"Host", "evil.example"}}) == 421);
        CHECK(post(client, {{"Origin", "https://evil.example"}}) == 403);
        CHECK(post(client, {{"Sec-Fetch-Site", "cross-site"}}) == 403);
        CHECK(started == 0);
        CHECK(post(client) == 202);
        CHECK(post(client) == 429);
        CHECK(started == 1);
    }
    SECTION("with the token from anywhere")
    {
        auto value = settings();
        value.trigger_token = "s3cret";
        const RouteClient client{test::sample_report(), value};
        CHECK(post(client, {}, "10.0.0.9") == 401);
        CHECK(post(client, {{"Authorization", "Bearer s3cre"}}, "10.0.0.9") == 401);
        CHECK(post(client, {{"Authorization", "Bearer s3creT"}}, "10.0.0.9") == 401);
        CHECK(post(client, {{"Authorization", "Bearer "}}, "10.0.0.9") == 401);
        CHECK(post(client, {{"Authorization", "Bearer s3cret"}}, "10.0.0.9") == 202);
        CHECK(started == 1);
    }
    SECTION("not while one is running")
    {
        auto value = settings();
        value.on_loopback = true;
        running = true;
        CHECK(post(RouteClient{test::sample_report(), value}) == 409);
    }
}

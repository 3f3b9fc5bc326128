// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/publish/report_builder.hpp"
#include "unit/publish/route_client.hpp"

using namespace seaworthy;
using test::body_of;
using test::ReportBuilder;
using test::RouteClient;

namespace {

constexpr const char* k_pages[] = {
    "/",        "/namespaces/payments", "/namespaces/empty", "/controls", "/controls/network-policies", "/controls/oidc", "/findings?status=all",
    "/tenants", "/exemptions",          "/status",           "/nowhere"};

/// Reads a page as a strict reader of tags would: each is closed in order, attributes are quoted, ids are unique. Throws what is wrong.
class PageReader {
public:
    explicit PageReader(std::string_view html)
    {
        constexpr std::string_view k_doctype = "<!DOCTYPE html>\n";
        if (!html.starts_with(k_doctype)) throw std::runtime_error("no doctype");
        html.remove_prefix(k_doctype.size());
        while (!html.empty()) {
            const auto open = html.find('<');
            const auto text = html.substr(0, open);
            if (text.find('>') != std::string_view::npos) throw std::runtime_error("a bare > in: " + std::string{text});
            if (open == std::string_view::npos) break;
            const auto close = html.find('>', open);
            if (close == std::string_view::npos) throw std::runtime_error("an open tag");
            tag(html.substr(open + 1, close - open - 1));
            html.remove_prefix(close + 1);
        }
        if (!m_open.empty()) throw std::runtime_error("never closed: " + m_open.back());
    }

    std::set<std::string> ids;
    std::vector<std::pair<std::string, std::string>> links; ///< element and href, src or action

private:
    void tag(std::string_view text)
    {
        if (text.starts_with('/')) {
            if (m_open.empty() || m_open.back() != text.substr(1)) throw std::runtime_error("closes what is not open: " + std::string{text});
            m_open.pop_back();
            return;
        }
        const bool self_closing = text.ends_with('/');
        if (self_closing) text.remove_suffix(1);
        const std::string name{text.substr(0, text.find(' '))};
        text.remove_prefix(name.size());
        while (!text.empty())
            attribute(name, text);
        static const std::set<std::string> voids{"meta", "link", "input"};
        if (!self_closing && voids.count(name) == 0) m_open.push_back(name);
    }

    void attribute(const std::string& element, std::string_view& text)
    {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        if (text.empty()) return;
        const auto end = text.find_first_of("= ");
        const std::string name{text.substr(0, end)};
        text.remove_prefix(std::min(end, text.size()));
        std::string value;
        if (text.starts_with("=\"")) {
            const auto quote = text.find('"', 2);
            if (quote == std::string_view::npos) throw std::runtime_error("open quote");
            value = text.substr(2, quote - 2);
            text.remove_prefix(quote + 1);
        } else if (text.starts_with('=')) {
            throw std::runtime_error("unquoted value of " + name);
        }
        if (name == "style" || name.starts_with("on")) throw std::runtime_error("inline " + name);
        if (name == "id" && !ids.insert(value).second) throw std::runtime_error("id twice: " + value);
        if (name == "href" || name == "src" || name == "action") links.emplace_back(element, value);
    }

    std::vector<std::string> m_open;
};

} // namespace

TEST_CASE("every page is well-formed and has no inline code or style", "[pages]")
{
    const RouteClient client{test::sample_report()};
    for (const auto* path : k_pages) {
        INFO(path);
        CHECK_NOTHROW(PageReader{body_of(client.get(path))});
    }
    CHECK_NOTHROW(PageReader{body_of(RouteClient{}.get("/"))});
}

TEST_CASE("every link of every page leads somewhere", "[pages]")
{
    const RouteClient client{test::sample_report()};
    std::set<std::string> seen;
    for (const auto* path : k_pages)
        for (auto [element, target] : PageReader{body_of(client.get(path))}.links) {
            if (target.starts_with('#') || target.starts_with("https://") || !seen.insert(target).second) continue;
            for (auto at = target.find("&amp;"); at != std::string::npos; at = target.find("&amp;"))
                target.replace(at, 5, "&");
            INFO(element << ' ' << target);
            CHECK(client.get(target.substr(0, target.find('#'))).status == 200);
        }
    CHECK(seen.size() > 60);
}

TEST_CASE("a fragment of a link names an element of the page it leads to", "[pages]")
{
    const RouteClient client{test::sample_report()};
    for (const auto& [element, target] : PageReader{body_of(client.get("/"))}.links) {
        const auto hash = target.find('#');
        if (hash == std::string::npos) continue;
        const auto page = hash == 0 ? std::string{"/"} : target.substr(0, hash);
        INFO(target);
        CHECK(PageReader{body_of(client.get(page))}.ids.count(target.substr(hash + 1)) == 1);
    }
}

TEST_CASE("hostile names stay text on every page", "[pages]")
{
    const std::string hostile{test::k_hostile};
    test::ReportBuilder builder;
    builder.ns({hostile, hostile}).exempt(hostile, hostile).gap(hostile, model::Reason::forbidden, hostile);
    builder.result({.check = "rbac-wildcard",
                    .ns = hostile,
                    .kind = hostile,
                    .name = hostile,
                    .message = hostile,
                    .evidence = {{hostile, hostile}, {hostile, std::vector<std::string>{hostile}}},
                    .remediation = hostile,
                    .grant = hostile,
                    .worth = 1});
    builder.result({.check = "secret-in-env",
                    .ns = hostile,
                    .name = hostile,
                    .status = report::Status::unknown,
                    .message = hostile,
                    .grant = hostile,
                    .reason = model::Reason::forbidden});
    builder.result({.check = "image-latest", .ns = hostile, .name = hostile, .message = hostile, .worth = 1, .exemption = 1});
    builder.raw().cluster_name = builder.raw().cluster_version = builder.raw().platform = hostile;
    RouteClient client{builder.build()};
    client.publication.audit_failed(hostile, Timestamp{1'795'320'100});

    for (const std::string& path :
         {std::string{"/"}, "/namespaces/" + hostile, std::string{"/controls"}, std::string{"/controls/rbac"}, std::string{"/findings?status=all"},
          std::string{"/tenants"}, std::string{"/exemptions"}, std::string{"/status"}}) {
        const auto reply = client.get(path);
        const auto body = body_of(reply);
        INFO(path);
        CHECK(reply.status == 200);
        CHECK_NOTHROW(PageReader{body});
        CHECK(body.find("<script>alert") == std::string::npos);
        CHECK(body.find('\x1b') == std::string::npos);
        CHECK(body.find("&lt;script&gt;") != std::string::npos);
    }
}

TEST_CASE("the overview of a thousand namespaces is below 300 KB and leads to all of them", "[pages]")
{
    const RouteClient client{test::large_report(1000)};
    std::set<std::string> reached;
    std::string next = "/";
    for (int guard = 0; guard < 100 && !next.empty(); ++guard) {
        const auto body = body_of(client.get(next));
        CHECK(body.size() < 300'000);
        next.clear();
        for (const auto& [element, target] : PageReader{body}.links) {
            if (target.starts_with("/namespaces/") && target.find('#') == std::string::npos) reached.insert(target);
            const auto page = target.find("page=");
            if (page != std::string::npos && std::stoi(target.substr(page + 5)) == guard + 2) next = target.substr(0, target.find('#'));
        }
    }
    CHECK(reached.size() == 1000);
    CHECK(client.get("/?page=99999999999999999999").status == 200);
    CHECK(client.get("/?page=-1").status == 200);
    CHECK(body_of(client.get("/?sort=name")).find("team-0-production") < body_of(client.get("/?sort=name")).find("team-1-production"));
}

TEST_CASE("a namespace's page tells why, how to fix it and what that is worth", "[pages]")
{
    const RouteClient client{test::sample_report()};
    const auto body = body_of(client.get("/namespaces/payments"));

    CHECK(body.find("no policy denies ingress by default") != std::string::npos);
    CHECK(body.find("What goes wrong without it") != std::string::npos);
    CHECK(body.find("kind: Example") != std::string::npos);
    CHECK(body.find("+0.35 points") != std::string::npos);
    CHECK(body.find("Exempt until") != std::string::npos);
    CHECK(body.find("grant <code>SE</code>") != std::string::npos);
    CHECK(body.find("tenant green") != std::string::npos);
}

TEST_CASE("pages tell what is attested from what was observed", "[pages]")
{
    const RouteClient client{test::sample_report()};
    const auto findings = body_of(client.get("/findings?status=pass"));

    CHECK(findings.find("<span class=\"chip\">attested</span>attested by the platform team") != std::string::npos);
    CHECK(findings.find("<span class=\"chip\">attested</span>reads no secrets") == std::string::npos);
    CHECK(body_of(client.get("/controls/network-policies")).find("1 attested</a>") != std::string::npos);
    CHECK(body_of(client.get("/controls/rbac")).find("attested</a>") == std::string::npos);
    CHECK(body_of(client.get("/")).find("1 of the verdicts rest on what somebody attests") != std::string::npos);
    CHECK(body_of(client.get("/api/v1/findings?status=pass")).find("\"source\":\"attested\"") != std::string::npos);
}

TEST_CASE("the page of findings exports what it shows, however it was filtered", "[pages]")
{
    const RouteClient client{test::sample_report()};
    const auto exports_of = [&](const std::string& target) {
        std::vector<std::string> found;
        for (const auto& [element, link] : PageReader{body_of(client.get(target))}.links)
            if (link.starts_with("/api/v1/findings")) found.push_back(link);
        return found;
    };

    CHECK(exports_of("/findings") == std::vector<std::string>{"/api/v1/findings?sort=-severity&amp;format=csv",
                                                              "/api/v1/findings?sort=-severity&amp;format=json&amp;limit=5000"});
    const std::string next = "/findings?namespace=&status=warn&status=fail&sort=check&limit=1&q=&continue=";
    CHECK(exports_of(next) ==
          std::vector<std::string>{"/api/v1/findings?namespace=&amp;status=warn&amp;status=fail&amp;sort=check&amp;format=csv",
                                   "/api/v1/findings?namespace=&amp;status=warn&amp;status=fail&amp;sort=check&amp;format=json&amp;limit=5000"});
    std::string hostile{test::k_hostile};
    std::erase(hostile, '&'); // this client does not decode
    const auto exports = exports_of("/findings?q=" + hostile);
    REQUIRE(exports.size() == 2);
    for (const auto& link : exports)
        CHECK(link.find_first_of("<>'\"\\ ") == std::string::npos);
    for (const std::string view : {"/findings", "/findings?namespace=", "/findings?status=pass", "/findings?q=nothing like it"}) {
        INFO(view);
        auto target = exports_of(view)[0];
        for (auto at = target.find("&amp;"); at != std::string::npos; at = target.find("&amp;"))
            target.replace(at, 5, "&");
        for (auto at = target.find("%20"); at != std::string::npos; at = target.find("%20"))
            target.replace(at, 3, " ");
        const auto table = body_of(client.get(target));
        const auto rows = std::ranges::count(table, '\n') - 1;
        CHECK(body_of(client.get(view)).find(">" + std::to_string(rows) + " match") != std::string::npos);
    }
}

TEST_CASE("a filter for the cluster's own findings outlives a change of another", "[pages]")
{
    const RouteClient client{test::sample_report()};
    const auto body = body_of(client.get("/findings?namespace="));
    CHECK(body.find("/findings?namespace=&amp;status=fail\"") != std::string::npos);
    CHECK(body.find("<input type=\"hidden\" name=\"namespace\" value=\"\">") != std::string::npos);
}

TEST_CASE("assets are named by their content and kept for ever", "[pages]")
{
    const RouteClient client{test::sample_report()};
    int assets = 0;
    for (const auto& [element, target] : PageReader{body_of(client.get("/"))}.links) {
        if (!target.starts_with("/assets/")) continue;
        ++assets;
        CHECK(test::header_of(client.get(target), "Cache-Control") == "public, max-age=31536000, immutable");
    }
    CHECK(assets == 3);
}

TEST_CASE("pages show what scores were, and what has changed since yesterday", "[pages]")
{
    constexpr std::int64_t k_hour = 3600;
    constexpr std::int64_t k_noon = 1'795'780'800;
    publish::History history;
    const auto report = std::const_pointer_cast<report::Report>(test::sample_report());
    for (std::int64_t hour = 0; hour <= 24; ++hour) {
        report->generated_at = Timestamp{k_noon + hour * k_hour};
        report->score.score = 50.0 + static_cast<double>(hour);
        for (auto& ns : report->namespaces)
            ns.score.score = ns.name == "shop" ? 80.0 - static_cast<double>(hour) / 2 : 70.0;
        (void)history.record(*report);
    }
    RouteClient client{report, {.now = [] { return Timestamp{k_noon + 24 * k_hour}; }, .history = &history}};
    RouteClient without{report};

    const auto overview = body_of(client.get("/"));
    CHECK(overview.find("aria-label=\"Score since 2026-11-27: lowest 50.0, highest 74.0, last 74.0\"") != std::string::npos);
    CHECK(overview.find("<strong class=\"up\">+24.0</strong> since yesterday") != std::string::npos);
    CHECK(overview.find("What changed") != std::string::npos);
    CHECK(overview.find("<strong class=\"down\">−12.0</strong>") != std::string::npos);
    CHECK(body_of(client.get("/namespaces/payments")).find("±0") != std::string::npos);
    CHECK(body_of(without.get("/")).find("What changed") == std::string::npos);

    const auto trend = nlohmann::json::parse(body_of(client.get("/api/v1/trend?namespace=shop")));
    CHECK(trend.at("items").size() == 25);
    CHECK(trend.at("items").back().at("score") == 68.0);
    CHECK(nlohmann::json::parse(body_of(client.get("/api/v1/trend"))).at("items").front().at("at") == "2026-11-27T12:00:00Z");
    CHECK(client.get("/api/v1/trend?namespace=nobody").status == 404);
    CHECK(nlohmann::json::parse(body_of(without.get("/api/v1/trend"))).at("items").empty());
}

TEST_CASE("a failed audit shows on every page beside the figures that it left in place", "[pages]")
{
    RouteClient client{test::sample_report()};
    client.publication.audit_failed("the API server answered 401", Timestamp{1'795'320'000});

    const auto body = body_of(client.get("/findings"));

    CHECK(body.find("The last audit failed 3m ago: the API server answered 401") != std::string::npos);
}

TEST_CASE("page and API tell what moved since a time that the reader chooses", "[pages]")
{
    constexpr std::int64_t k_hour = 3600;
    constexpr std::int64_t k_noon = 1'795'780'800; // 2026-11-27T12:00:00Z, a Friday
    publish::History history;
    ReportBuilder builder;
    builder.ns({"shop", {}, false}).ns({"quiet", {}, false});
    auto report = std::const_pointer_cast<report::Report>(builder.build());
    for (std::int64_t hour = 0; hour <= 24 * 8; ++hour) {
        ReportBuilder next;
        next.ns({"shop", {}, false}).ns({"quiet", {}, false});
        for (std::int64_t object = 0; object <= hour; object += 24)
            next.result({.check = "secret-in-env", .ns = "shop", .name = "day" + std::to_string(object), .status = report::Status::fail});
        if (hour < 24 * 8 - 2) next.result({.check = "secret-in-env", .ns = "shop", .name = "<mended>", .status = report::Status::fail});
        report = std::const_pointer_cast<report::Report>(next.build());
        report->generated_at = Timestamp{k_noon + hour * k_hour};
        report->score.score = 90 - static_cast<double>(hour) / 24;
        for (auto& ns : report->namespaces)
            ns.score.score = ns.name == "shop" ? 90 - static_cast<double>(hour) / 24 : 70;
        (void)history.record(*report);
    }
    const RouteClient client{report, {.now = [] { return Timestamp{k_noon + 24 * 8 * k_hour}; }, .history = &history}};
    const auto changes = [&](const std::string& query) { return nlohmann::json::parse(body_of(client.get("/api/v1/changes" + query))); };

    const auto day = changes("");
    CHECK(day.at("kind") == "Changes");
    CHECK(day.at("since") == "2026-12-04T12:00:00Z");
    CHECK((day.at("opened") == 1 && day.at("resolved") == 1 && day.at("reachesBack") == true && day.at("allChecks") == true));
    CHECK(day.at("score").at("now") == 82.0);
    REQUIRE(day.at("namespaces").size() == 1);
    CHECK((day.at("namespaces")[0].at("name") == "shop" && day.at("namespaces")[0].at("opened") == 1));
    REQUIRE(day.at("checks").size() == 1);
    CHECK((day.at("checks")[0].at("id") == "secret-in-env" && day.at("checks")[0].at("opened") == 1 && day.at("checks")[0].at("resolved") == 1));
    CHECK(changes("?since=7d").at("opened") == 7);
    CHECK(changes("?since=2026-12-01").at("opened") == 5);
    CHECK(changes("?since=2026-12-01T00:00:00Z").at("opened") == 5);
    CHECK(changes("?since=30d").at("reachesBack") == false);
    CHECK_FALSE(changes("?namespace=shop").contains("namespaces"));
    CHECK(changes("?namespace=quiet").at("checks").empty());
    CHECK(client.get("/api/v1/changes?namespace=nobody").status == 404);

    const auto overview = body_of(client.get("/?since=7d"));
    CHECK(overview.find("<a href=\"/?since=7d#changes\" aria-current=\"true\">7 days</a>") != std::string::npos);
    CHECK(overview.find("+7<span class=\"vh\"> new</span>") != std::string::npos);
    CHECK(overview.find("href=\"/findings?check=secret-in-env\"") != std::string::npos);
    const auto shop = body_of(client.get("/namespaces/shop?since=2026-12-01"));
    CHECK(shop.find("href=\"/findings?check=secret-in-env&amp;namespace=shop\"") != std::string::npos);
    CHECK(shop.find("href=\"/namespaces/shop?since=24h#changes\"") != std::string::npos);
    CHECK(body_of(client.get("/namespaces/quiet")).find("No finding came or went.") != std::string::npos);

    for (const auto* wrong : {"tuesday", "", "0h", "59m", "-1d", "99999d", "2026-13-01", "2027-01-01", "2026-12-01T", "<b>"}) {
        CAPTURE(wrong);
        for (const std::string path : {"/api/v1/changes", "/", "/namespaces/shop"}) {
            const auto reply = client.get(path + "?since=" + wrong);
            CHECK(reply.status == 400);
            CHECK((reply.content_type == "application/problem+json" || body_of(reply).find("<b>") == std::string::npos));
        }
        CHECK(client.get(std::string{"/api/v1/changes?since="} + wrong).content_type == "application/problem+json");
    }
    CHECK(client.get("/api/v1/changes?since=7d&since=24h").status == 400);
    CHECK(client.get("/api/v1/changes?sinse=7d").status == 400);

    publish::History fresh;
    (void)fresh.record(*report);
    const RouteClient first{report, {.history = &fresh}};
    CHECK(nlohmann::json::parse(body_of(first.get("/api/v1/changes"))).at("since").is_null());
    CHECK(body_of(first.get("/")).find("There has been one audit.") != std::string::npos);
}

TEST_CASE("the page on the daemon's state tells of sinks, configuration and missing rights", "[pages]")
{
    ReportBuilder builder;
    builder.ns({"shop"}).gap("secrets", model::Reason::forbidden, "no").gap("widgets.example.com", model::Reason::not_served, "none");
    RouteClient client{builder.build()};
    CHECK(body_of(client.get("/status")).find("No sinks are configured") != std::string::npos);

    client.metrics.config_loaded(Timestamp{1'795'320'000}, 7);
    client.metrics.set_delivery([] {
        publish::DeliveryFacts facts;
        publish::SinkFacts well{.name = "siem", .type = "splunk_hec", .state = "ok", .last_error = "long ago", .last_success = 1'795'320'120.0};
        publish::SinkFacts ill{.name = "<lake>", .type = "kafka", .state = "auth_failed", .last_error = "401 <b>"};
        ill.dropped = {{"expired", 3}, {"rejected", 4}};
        ill.parked = 5;
        ill.queue_length = 6;
        facts.sinks = {well, ill};
        return facts;
    });
    const auto page = body_of(client.get("/status"));
    CHECK(page.find("read <time") != std::string::npos);
    CHECK(page.find("siem <span class=\"chip\">splunk_hec</span>") != std::string::npos);
    CHECK(page.find("long ago") == std::string::npos);
    CHECK(page.find("&lt;lake&gt;") != std::string::npos);
    CHECK(page.find("401 &lt;b&gt;") != std::string::npos);
    CHECK(page.find("<td class=\"num\">6</td><td class=\"num\">5</td><td class=\"num\">7</td>") != std::string::npos);
    CHECK(page.find("kubectl auth can-i list secrets") != std::string::npos);
    CHECK(page.find("can-i list widgets") == std::string::npos);
    CHECK(page.find("a newer one is not valid") == std::string::npos);

    client.metrics.config_reload_failed();
    CHECK(body_of(client.get("/status")).find("a newer one is not valid") != std::string::npos);
    client.metrics.config_loaded(Timestamp{1'795'320'100}, 8);
    CHECK(body_of(client.get("/status")).find("a newer one is not valid") == std::string::npos);
}

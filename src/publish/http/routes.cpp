// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/routes.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "publish/encoding/gzip.hpp"
#include "publish/http/call.hpp"
#include "publish/http/host_names.hpp"

namespace seaworthy::publish {

namespace {

using Kind = Route::Kind;

constexpr Route k_routes[] = {
    {"/", "overview", Kind::page, answer_overview},
    {"/namespaces/{ns}", "namespace", Kind::page, answer_namespace},
    {"/controls", "controls", Kind::page, answer_controls},
    {"/controls/{id}", "control", Kind::page, answer_control},
    {"/findings", "findings", Kind::page, answer_findings},
    {"/tenants", "tenants", Kind::page, answer_tenants},
    {"/exemptions", "exemptions", Kind::page, answer_exemptions},
    {"/status", "status", Kind::direct, answer_status},
    {"/api/v1/report", "api_report", Kind::api, answer_api_report},
    {"/api/v1/namespaces", "api_namespaces", Kind::api, answer_api_namespaces},
    {"/api/v1/namespaces/{ns}", "api_namespace", Kind::api, answer_api_namespace},
    {"/api/v1/controls", "api_controls", Kind::api, answer_api_controls},
    {"/api/v1/controls/{id}", "api_control", Kind::api, answer_api_control},
    {"/api/v1/findings", "api_findings", Kind::api, answer_api_findings},
    {"/api/v1/tenants", "api_tenants", Kind::api, answer_api_tenants},
    {"/api/v1/trend", "api_trend", Kind::direct, answer_api_trend},
    {"/api/v1/changes", "api_changes", Kind::direct, answer_api_changes},
    {"/api/v1/exemptions", "api_exemptions", Kind::api, answer_api_exemptions},
    {"/api/v1/status", "api_status", Kind::direct, answer_api_status},
    {"/api/v1/audit", "api_audit", Kind::direct, answer_api_audit, "POST"},
    {"/openapi.json", "openapi", Kind::direct, answer_openapi},
    {"/metrics", "metrics", Kind::direct, answer_metrics},
    {"/assets/{name}", "asset", Kind::direct, answer_asset},
};

/// Whether the path fits a pattern; `parameter` gets what stands in its braces. A parameter is never empty; it may hold a slash, which
/// no object name does, so that an encoded one finds nothing instead of another route.
bool fits(std::string_view pattern, std::string_view path, std::string_view& parameter)
{
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) return pattern == path;
    if (!path.starts_with(pattern.substr(0, brace)) || path.size() == brace) return false;
    parameter = path.substr(brace);
    return true;
}

bool serves(const Route& route, std::string_view method)
{
    return method == route.method || (method == "HEAD" && route.method == "GET");
}

/// RFC 9110 §13.1.2, weak comparison: the validators that we give are weak.
bool matches_etag(std::string_view if_none_match, std::string_view etag)
{
    const auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    while (!if_none_match.empty()) {
        auto tag = if_none_match.substr(0, if_none_match.find(','));
        if_none_match.remove_prefix(std::min(if_none_match.size(), tag.size() + 1));
        while (!tag.empty() && (tag.front() == ' ' || tag.front() == '\t'))
            tag.remove_prefix(1);
        while (!tag.empty() && (tag.back() == ' ' || tag.back() == '\t'))
            tag.remove_suffix(1);
        if (tag == "*" || opaque(tag) == opaque(etag)) return true;
    }
    return false;
}

bool has_header(const http::Reply& reply, std::string_view name)
{
    return std::ranges::find(reply.headers, name, &http::Field::name) != reply.headers.end();
}

/// Compresses a body that is worth it.
void compress(http::Reply& reply, const http::Request& request)
{
    constexpr std::size_t k_least_bytes = 1400;                                                 // below, it fits a packet anyway
    if (!reply.body || reply.body->size() < k_least_bytes || has_header(reply, "Vary")) return; // Vary: the route chose an encoding itself
    reply.headers.push_back({"Vary", "Accept-Encoding"});
    if (!request.accepts_gzip()) return;
    reply.body = std::make_shared<const std::string>(gzip(*reply.body));
    reply.headers.push_back({"Content-Encoding", "gzip"});
}

http::Reply not_found(const Call& call)
{
    if (call.request.path.starts_with("/api/")) return problem(404, "Not Found", "there is no such resource; /openapi.json lists them");
    return page_not_found(call);
}

http::Reply wrong_host(const http::Request& request)
{
    constexpr std::size_t k_longest = 253;
    return problem(421, "Misdirected Request",
                   "this server does not go by the name " + std::string{host_of(request.header("Host")).substr(0, k_longest)} +
                       ": use its address or localhost, or list the name in http.allowedHosts");
}

http::Reply method_not_allowed(std::string_view allow)
{
    return problem(405, "Method Not Allowed", "this resource serves " + std::string{allow}, {{"Allow", std::string{allow}}});
}

Timestamp system_now()
{
    return Timestamp{static_cast<std::int64_t>(std::time(nullptr))};
}

} // namespace

std::span<const Route> routes()
{
    return k_routes;
}

std::vector<http::Field> security_headers(bool tls)
{
    std::vector<http::Field> headers{
        // No inline code or style anywhere; a search form may go to this site alone.
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
         "form-action 'self'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()"},
        {"X-Robots-Tag", "noindex, nofollow"},
    };
    if (tls) headers.push_back({"Strict-Transport-Security", "max-age=31536000"});
    return headers;
}

bool TriggerGate::pass(std::chrono::seconds pause)
{
    const std::lock_guard lock{m_mutex};
    const auto now = std::chrono::steady_clock::now();
    if (m_last && now - *m_last < pause) return false;
    m_last = now;
    return true;
}

struct Routes::State {
    HostNames names;
    RouteSettings settings;
    const Publication& publication;
    SelfMetrics& metrics;
    mutable TriggerGate gate;

    http::Reply answer(const Route& route, const Call& call) const
    {
        if (route.kind == Kind::direct) return route.answer(call);
        if (!call.view.edition) return route.kind == Kind::api ? api_before_first_report(call.view) : page_before_first_report(call);
        if (route.kind == Kind::page) return route.answer(call);
        const auto& etag = call.edition().etag;
        if (matches_etag(call.request.header("If-None-Match"), etag)) return {.status = 304, .headers = {{"ETag", etag}}};
        auto reply = route.answer(call);
        if (reply.status == 200) reply.headers.push_back({"ETag", etag});
        return reply;
    }

    /// The route of a request, its parameter, and which methods its path has: empty where there is no such path.
    struct Match {
        const Route* route = nullptr;
        std::string_view parameter;
        std::string allow;
    };
    static Match match(const http::Request& request)
    {
        Match result;
        for (const auto& route : k_routes) {
            std::string_view parameter;
            if (!fits(route.pattern, request.path, parameter)) continue;
            if (serves(route, request.method)) {
                result.route = &route;
                result.parameter = parameter;
                return result;
            }
            result.allow += result.allow.empty() ? "" : ", ";
            result.allow += route.method == "GET" ? "GET, HEAD" : route.method;
        }
        return result;
    }
};

Routes::Routes(RouteSettings settings, const Publication& publication, SelfMetrics& metrics)
    : m_state(new State{{settings.allowed_hosts, settings.on_loopback}, std::move(settings), publication, metrics, {}})
{
    if (!m_state->settings.now) m_state->settings.now = system_now;
}

Routes::~Routes() = default;

http::Reply Routes::handle(const http::Request& request) const
{
    const auto started = std::chrono::steady_clock::now();
    auto match = State::match(request);
    const Call call{request,        m_state->settings, m_state->metrics, m_state->gate, m_state->publication.view(), m_state->settings.now(),
                    match.parameter};

    // Scrapes come by names of all kinds, and no page reads a score's series for want of the score itself.
    const bool is_scrape = match.route != nullptr && match.route->answer == answer_metrics;
    auto reply = !is_scrape && !m_state->names.admit(request) ? wrong_host(request)
                 : match.route != nullptr                     ? m_state->answer(*match.route, call)
                 : !match.allow.empty()                       ? method_not_allowed(match.allow)
                                                              : not_found(call);
    compress(reply, request);
    for (auto& field : security_headers(request.tls))
        reply.headers.push_back(std::move(field));
    if (!has_header(reply, "Cache-Control"))
        reply.headers.push_back({"Cache-Control", reply.status == 200 || reply.status == 304 ? "no-cache" : "no-store"});

    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
    m_state->metrics.http_request(match.route != nullptr ? match.route->name : "other", reply.status, taken.count());
    return reply;
}

http::Reply answer_probe(const http::Request& request, const Publication& publication)
{
    const auto say = [](bool good, std::string text) {
        auto reply = http::Reply::of(good ? 200 : 503, "text/plain; charset=utf-8", std::move(text) + '\n');
        reply.headers.push_back({"Cache-Control", "no-store"});
        return reply;
    };
    if (request.method != "GET" && request.method != "HEAD") return method_not_allowed("GET, HEAD");
    if (request.path == "/livez") {
        // Nothing here asks the API server: restarting this process would not bring that back.
        constexpr std::chrono::seconds k_limit{30};
        return publication.alive(k_limit) ? say(true, "ok") : say(false, "the event loop has not moved for 30 s");
    }
    if (request.path == "/readyz") {
        if (publication.shutting_down()) return say(false, "shutting down");
        const auto view = publication.view();
        return view.edition || view.standby ? say(true, "ok") : say(false, "no report yet");
    }
    if (request.path == "/startupz") return say(true, "ok");
    return http::Reply::of(404, "text/plain; charset=utf-8", "no such probe; there are /livez, /readyz and /startupz\n");
}

} // namespace seaworthy::publish

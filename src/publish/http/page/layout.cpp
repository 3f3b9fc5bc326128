// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <ctime>

#include "publish/assets.hpp"
#include "publish/http/page/parts.hpp"
#include "seaworthy/base/digest.hpp"

namespace seaworthy::publish {

namespace {

struct Asset {
    std::string_view stem;
    std::string_view extension;
    std::string_view content_type;
    std::string_view content;
    std::string name; ///< with the content's hash: a browser may keep it for ever
};

const std::array<Asset, 3>& served_assets()
{
    static const auto assets = [] {
        std::array<Asset, 3> list{{{"seaworthy", ".css", "text/css; charset=utf-8", assets::seaworthy_css, {}},
                                   {"seaworthy", ".js", "text/javascript; charset=utf-8", assets::seaworthy_js, {}},
                                   {"icon", ".svg", "image/svg+xml", assets::icon_svg, {}}}};
        for (auto& asset : list)
            asset.name = std::string{asset.stem} + '.' + sha256_hex(asset.content).substr(0, 12) + std::string{asset.extension};
        return list;
    }();
    return assets;
}

void put_navigation(Html& out, const Call& call, std::optional<Section> section)
{
    const auto link = [&](Section target, std::string_view href, std::string_view label) {
        out << "<li><a href=\"" << href << "\"";
        if (section == target) out << " aria-current=\"page\"";
        out << ">" << label << "</a></li>";
    };
    out << "<nav aria-label=\"Main\"><ul>";
    link(Section::overview, "/", "Overview");
    link(Section::findings, "/findings", "Findings");
    link(Section::controls, "/controls", "Controls");
    if (call.view.edition && !call.report().tenants.empty()) link(Section::tenants, "/tenants", "Tenants");
    link(Section::exemptions, "/exemptions", "Exemptions");
    link(Section::status, "/status", "Status");
    out << "</ul></nav>";
}

void put_header(Html& out, const Call& call, std::optional<Section> section)
{
    out << "<header class=\"top\"><div class=\"wrap\"><a class=\"brand\" href=\"/\">"
           R"(<svg viewBox="0 0 32 32" aria-hidden="true"><path class="sail" d="M15 4v15H5.5C9 15.500 13 10.500 15 4z"/><path class="sail2" d="M17.500 8c3.500 3 5.500 7 6.500 11h-6.500z"/><path class="hull" d="M3.500 21.500h25c-1 3.500-3.500 6-7 6h-11c-3.500 0-6-2.500-7-6z"/></svg>)"
           "<span>Seaworthy</span></a>";
    if (call.view.edition && !call.report().cluster_name.empty()) out << "<span class=\"cluster\">" << call.report().cluster_name << "</span>";
    put_navigation(out, call, section);
    out << "</div></header>";
}

/// What a reader has to know about the figures before reading them: that they are old, or that their renewal fails.
void put_banner(Html& out, const Call& call)
{
    if (!call.view.edition || call.view.last_error.empty()) return;
    out << "<div class=\"banner s-warn\" role=\"status\"><div class=\"wrap\">" << status_icon(report::Status::warn) << "<p>The last audit failed "
        << ago(call.view.last_failure, call.now) << ": " << call.view.last_error << "<br/>What you see was audited "
        << ago(call.report().generated_at, call.now) << ".</p></div></div>";
}

void put_footer(Html& out, const Call& call)
{
    out << "<footer><div class=\"wrap\"><p>Seaworthy " << call.settings.version;
    if (call.view.edition)
        out << " · audited " << moment(call.report().generated_at) << " (" << ago(call.report().generated_at, call.now) << ")"
            << " · report " << std::string_view{call.report().uid}.substr(0, 8);
    out << "</p><ul><li><a href=\"/api/v1/report\">Report as JSON</a></li><li><a href=\"/openapi.json\">API</a></li><li><a "
           "href=\"/metrics\">Metrics</a></li></ul>"
           "</div></footer>";
}

} // namespace

http::Reply make_page(const Call& call, std::optional<Section> section, std::string_view title, const Html& body, int status)
{
    const auto& assets = served_assets();
    Html out;
    out << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light dark\"><title>"
        << title << " · Seaworthy</title><link rel=\"stylesheet\" href=\"/assets/" << assets[0].name
        << "\"><link rel=\"icon\" type=\"image/svg+xml\" href=\"/assets/" << assets[2].name << "\"><script src=\"/assets/" << assets[1].name
        << "\" defer></script></head><body>"
        << "<a class=\"skip\" href=\"#main\">Skip to the content</a>";
    out << status_symbols();
    put_header(out, call, section);
    put_banner(out, call);
    out << "<main id=\"main\" class=\"wrap\" tabindex=\"-1\">" << body << "</main>";
    put_footer(out, call);
    out << "</body></html>\n";
    return http::Reply::of(status, "text/html; charset=utf-8", std::move(out).take());
}

http::Reply answer_asset(const Call& call)
{
    for (const auto& asset : served_assets()) {
        if (asset.name != call.parameter) continue;
        auto reply = http::Reply::of(200, std::string{asset.content_type}, std::string{asset.content});
        reply.headers.push_back({"Cache-Control", "public, max-age=31536000, immutable"});
        return reply;
    }
    return page_not_found(call);
}

http::Reply page_not_found(const Call& call)
{
    Html body;
    body << "<section class=\"alone\"><h1>Nothing here</h1><p>There is no such page. A namespace that is gone from the cluster is gone from here "
            "after the next audit.</p>"
            "<p><a class=\"button\" href=\"/\">Overview</a></p></section>";
    return make_page(call, std::nullopt, "Not found", body, 404);
}

http::Reply page_before_first_report(const Call& call)
{
    const auto& view = call.view;
    Html body;
    body << "<section class=\"alone\">"
         << "<h1>The first audit is on its way</h1>";
    if (view.auditing_since.known())
        body << "<p>Seaworthy has been reading the cluster since " << moment(view.auditing_since) << " (" << ago(view.auditing_since, call.now)
             << "). This page shows the verdicts as soon as there are any.</p>";
    else
        body << "<p>No audit has ended yet. The daemon started " << ago(view.started_at, call.now) << ".</p>";
    if (!view.last_error.empty())
        body << "<div class=\"callout s-fail\"><h2>" << status_icon(report::Status::fail) << "The last attempt failed "
             << ago(view.last_failure, call.now) << "</h2><p>" << view.last_error << "</p><p>The daemon keeps trying.</p></div>";
    body << "<p><a class=\"button\" href=\"/status\">Status</a></p></section>";
    auto reply = make_page(call, std::nullopt, "Auditing", body, 503);
    reply.headers.push_back({"Retry-After", "5"});
    reply.headers.push_back({"Refresh", "5"}); // without a script: until there is something to read
    return reply;
}

std::string_view openapi_document()
{
    return assets::openapi_json;
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
// What has changed since a moment that the reader chooses.
#include "publish/http/page/changes.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "publish/http/page/parts.hpp"

namespace seaworthy::publish {

namespace {

const check::Check* find_check(const Imprint& imprint, std::string_view id)
{
    for (const auto* control : imprint.catalog)
        for (const auto& check : control->checks)
            if (check.id == id) return &check;
    return nullptr;
}

void put_counts(Html& out, std::uint32_t opened, std::uint32_t resolved)
{
    out << "<span class=\"counts\">";
    if (opened > 0) out << "<span class=\"down\">+" << opened << "<span class=\"vh\"> new</span></span>";
    if (resolved > 0) out << "<span class=\"up\">−" << resolved << "<span class=\"vh\"> resolved</span></span>";
    out << "</span>";
}

void put_spans(Html& out, const Call& call, std::string_view path, const Since& since)
{
    struct Span {
        std::string_view value;
        std::string_view label;
        seconds length;
    };
    constexpr Span k_spans[] = {
        {"24h", "24 hours", seconds{86'400}}, {"7d", "7 days", seconds{7 * 86'400}}, {"30d", "30 days", seconds{30 * 86'400}}};
    out << "<div class=\"choice\" role=\"group\" aria-label=\"Since when\"><span>Last</span>";
    for (const auto& span : k_spans) {
        out << "<a href=\"" << path << "?since=" << span.value << "#changes\"";
        if (const auto* length = std::get_if<seconds>(&since); length != nullptr && *length == span.length) out << " aria-current=\"true\"";
        out << ">" << span.label << "</a>";
    }
    out << "<a href=\"/api/v1/changes?since=" << Url{call.request.has_parameter("since") ? call.request.parameter("since") : "24h"};
    if (!call.parameter.empty()) out << "&amp;namespace=" << Url{call.parameter};
    out << "\">JSON</a></div>";
}

void put_namespaces(Html& out, const std::vector<std::pair<std::string, Change>>& namespaces)
{
    constexpr std::size_t k_most = 6;
    if (namespaces.empty()) return;
    out << "<div><h3>Namespaces</h3><ul class=\"movers\">";
    for (std::size_t i = 0; i < std::min(namespaces.size(), k_most); ++i) {
        const auto& [ns, change] = namespaces[i];
        out << "<li><a href=\"/namespaces/" << Url{ns} << "\">" << ns << "</a>";
        put_counts(out, change.opened, change.resolved);
        out << score_change(change) << "<span class=\"dim\">" << score_text(change.score) << " → " << score_text(change.score_now) << "</span></li>";
    }
    out << "</ul>";
    if (namespaces.size() > k_most) out << "<p class=\"dim\">and " << namespaces.size() - k_most << " more</p>";
    out << "</div>";
}

void put_checks(Html& out, const Call& call, const Difference& difference)
{
    constexpr std::size_t k_most = 6;
    const auto& checks = difference.checks;
    if (checks.empty()) return;
    out << "<div><h3>Checks</h3><ul class=\"movers checks\">";
    for (std::size_t i = 0; i < std::min(checks.size(), k_most); ++i) {
        const auto& move = checks[i];
        const auto* check = find_check(call.imprint(), move.check);
        out << "<li>";
        if (check == nullptr) { // an earlier version's
            out << "<code>" << move.check << "</code>";
        } else {
            out << "<a href=\"/findings?check=" << Url{move.check};
            if (!call.parameter.empty()) out << "&amp;namespace=" << Url{call.parameter};
            out << "\">" << check->title << "</a>";
        }
        put_counts(out, move.opened, move.resolved);
        out << "</li>";
    }
    out << "</ul>";
    if (checks.size() > k_most) out << "<p class=\"dim\">and " << checks.size() - k_most << " more</p>";
    if (!difference.all_checks) out << "<p class=\"dim\">There were so many changes that those of the first hours are not listed by check.</p>";
    out << "</div>";
}

} // namespace

void put_changes(Html& out, const Call& call, std::string_view path, const Since& since)
{
    if (call.settings.history == nullptr) return;
    out << "<section class=\"card changes\" aria-labelledby=\"changes\"><div class=\"head\"><h2 id=\"changes\">What changed</h2>";
    put_spans(out, call, path, since);
    out << "</div>";
    const auto difference = call.settings.history->difference(call.parameter, since);
    if (!difference) {
        out << empty_note("There has been one audit. What the next ones find different shows here.") << "</section>";
        return;
    }
    const auto& change = difference->change;
    out << change_text(change, call.now, Told::everything);
    if (!change.reaches_back) out << "<p class=\"dim\">Nothing older than " << moment(change.since) << " is known.</p>";
    out << "<div class=\"columns\">";
    put_namespaces(out, difference->namespaces);
    put_checks(out, call, *difference);
    out << "</div>";
    if (difference->namespaces.empty() && difference->checks.empty()) out << empty_note("No finding came or went.");
    out << "</section>";
}

http::Reply page_bad_request(const Call& call, std::string_view path, std::string_view why)
{
    Html body;
    body << "<section class=\"alone\"><h1>This cannot be shown</h1><div class=\"callout s-fail\"><p>" << why
         << "</p></div><p><a class=\"button\" href=\"" << path << "\">Without parameters</a></p></section>";
    return make_page(call, std::nullopt, "Bad request", body, 400);
}

} // namespace seaworthy::publish

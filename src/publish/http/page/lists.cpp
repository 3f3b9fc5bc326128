// SPDX-License-Identifier: Apache-2.0
// The pages that are one list each: tenants, exemptions, and what the daemon does.
#include <algorithm>

#include "publish/http/page/parts.hpp"

namespace seaworthy::publish {

namespace {

/// "check a, check b in payments": what an exemption is for.
Html subject_of(const check::Exemption& exemption)
{
    Html out;
    const auto put = [&](std::string_view word, const std::vector<std::string>& values) {
        for (const auto& value : values)
            out << "<span class=\"chip\">" << word << value << "</span> ";
    };
    put("", exemption.checks);
    put("", exemption.controls);
    put("namespace ", exemption.namespaces);
    if (!exemption.kind.empty()) out << "<span class=\"chip\">" << exemption.kind << "</span> ";
    put("", exemption.names);
    for (const auto& [key, value] : exemption.match_labels)
        out << "<span class=\"chip\">" << key << "=" << value << "</span> ";
    return out;
}

void put_exemption(Html& out, const report::ExemptionUse& use)
{
    const auto& exemption = use.exemption;
    const auto state = use.expired ? std::string_view{"expired"} : use.matched == 0 ? std::string_view{"unused"} : std::string_view{"active"};
    const auto status = use.expired ? report::Status::fail : use.matched == 0 ? report::Status::warn : report::Status::pass;
    out << "<tr><td><span class=\"badge " << status_class(status) << "\">" << status_icon(status) << state << "</span></td><th scope=\"row\">"
        << subject_of(exemption) << "<p class=\"dim\"><code>" << exemption.id << "</code></p></th><td>" << exemption.reason << "</td><td>"
        << exemption.owner << "</td><td>" << moment(exemption.until) << "</td><td class=\"num\">" << use.matched << "</td></tr>";
}

void put_fact(Html& out, std::string_view name, const Html& value)
{
    out << "<div><dt>" << name << "</dt><dd>" << value << "</dd></div>";
}

Html words(std::string_view text)
{
    Html out;
    out << text;
    return out;
}

void put_audit(Html& out, const Call& call)
{
    const auto& view = call.view;
    const auto dated = [&](Timestamp time) {
        Html value;
        value << moment(time);
        if (time.known()) value << " <span class=\"dim\">" << ago(time, call.now) << "</span>";
        return value;
    };
    out << "<section class=\"card\"><h2>Audits</h2><dl class=\"facts rows\">";
    Html now;
    if (view.auditing_since.known())
        now << "an audit has been running since " << moment(view.auditing_since);
    else
        now << "waiting for the next audit";
    put_fact(out, "Now", now);
    put_fact(out, "Last success", dated(view.last_success));
    put_fact(out, "Last failure", dated(view.last_failure));
    if (!view.last_error.empty()) put_fact(out, "Last error", words(view.last_error));
    if (view.interval.count() > 0) put_fact(out, "Interval", words(format_age(view.interval)));
    put_fact(out, "Role", words(view.leading ? "publishes metrics" : "stands by: another replica publishes metrics"));
    out << "</dl></section>";
}

void put_daemon(Html& out, const Call& call)
{
    out << "<section class=\"card\"><h2>Daemon</h2><dl class=\"facts rows\">";
    put_fact(out, "Version", words(call.settings.version));
    if (!call.settings.revision.empty()) put_fact(out, "Revision", words(call.settings.revision));
    Html started;
    started << moment(call.view.started_at) << " <span class=\"dim\">" << ago(call.view.started_at, call.now) << "</span>";
    put_fact(out, "Started", started);
    if (call.view.edition) {
        put_fact(out, "Report", words(call.report().uid));
        Html series;
        series << call.edition().families.series;
        put_fact(out, "Compliance series", series);
        if (call.edition().families.dropped_series > 0) {
            Html dropped;
            dropped << call.edition().families.dropped_series << " (metrics.maxNamespaces)";
            put_fact(out, "Series left out", dropped);
        }
    }
    out << "</dl></section>";
}

void put_gaps(Html& out, const report::Report& report)
{
    out << "<section class=\"card wide\"><h2>What could not be read</h2>";
    if (report.gaps.empty()) {
        out << empty_note("Nothing: every list that the configuration asks for was complete.") << "</section>";
        return;
    }
    constexpr std::size_t k_most = 500;
    out << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Lists that could not be read</caption><thead><tr><th "
           "scope=\"col\">Resource</th><th scope=\"col\">Namespace</th><th scope=\"col\">Reason</th>"
           "<th scope=\"col\">What was said</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < std::min(report.gaps.size(), k_most); ++i) {
        const auto& gap = report.gaps[i];
        out << "<tr><th scope=\"row\"><code>" << gap.resource << "</code></th><td>"
            << (gap.ns == "*" ? std::string_view{"all"} : std::string_view{gap.ns}) << "</td><td>" << model::name(gap.reason) << "</td><td>"
            << gap.message << "</td></tr>";
    }
    out << "</tbody></table></div>";
    if (report.gaps.size() > k_most)
        out << "<p class=\"dim\">" << (report.gaps.size() - k_most) << " more in <a href=\"/api/v1/status\">the API</a></p>";
    out << "</section>";
}

} // namespace

http::Reply answer_tenants(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Tenants</h1><p class=\"dim\">The same score over the namespaces of a tenant, without cluster-wide "
            "checks.</p></div><section class=\"card wide\">";
    if (call.report().tenants.empty()) {
        body << empty_note("No namespace belongs to a tenant.");
    } else {
        body << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Tenants</caption><thead><tr><th scope=\"col\">Tenant</th><th "
                "scope=\"col\">Score</th><th scope=\"col\">Worst namespace</th><th scope=\"col\">Namespaces</th></tr></thead><tbody>";
        for (const auto& tenant : call.report().tenants) {
            constexpr std::size_t k_most = 40;
            body << "<tr><th scope=\"row\"><a href=\"/findings?tenant=" << Url{tenant.name} << "\">" << tenant.name << "</a>";
            if (!tenant.state.empty()) body << " <span class=\"chip\">" << tenant.state << "</span>";
            body << "</th><td class=\"num\"><span>" << score_text(tenant.score.score) << "</span>" << score_bar(tenant.score.score)
                 << "</td><td class=\"num\"><span>" << score_text(tenant.score_min) << "</span>" << score_bar(tenant.score_min) << "</td><td>";
            for (std::size_t i = 0; i < std::min(tenant.namespaces.size(), k_most); ++i)
                body << "<a class=\"chip\" href=\"/namespaces/" << Url{tenant.namespaces[i]} << "\">" << tenant.namespaces[i] << "</a> ";
            if (tenant.namespaces.size() > k_most) body << "and " << (tenant.namespaces.size() - k_most) << " more";
            body << "</td></tr>";
        }
        body << "</tbody></table></div>";
    }
    body << "</section>";
    return make_page(call, Section::tenants, "Tenants", body);
}

http::Reply answer_exemptions(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Exemptions</h1><p class=\"dim\">Findings that somebody answers for, for a time. They stay findings: only the "
            "score with exemptions forgives them.</p></div><section class=\"card wide\">";
    if (call.report().exemptions.empty()) {
        body << empty_note("None are configured.");
    } else {
        body << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Exemptions</caption><thead><tr><th scope=\"col\">State</th><th "
                "scope=\"col\">For</th><th scope=\"col\">Reason</th><th scope=\"col\">Owner</th><th scope=\"col\">Until</th>"
                "<th scope=\"col\">Findings</th></tr></thead><tbody>";
        for (const auto& use : call.report().exemptions)
            put_exemption(body, use);
        body << "</tbody></table></div>";
    }
    body << "</section>";
    return make_page(call, Section::exemptions, "Exemptions", body);
}

http::Reply answer_status(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Status</h1></div><div class=\"grid two\">";
    put_audit(body, call);
    put_daemon(body, call);
    body << "</div>";
    if (call.view.edition) put_gaps(body, call.report());
    return make_page(call, Section::status, "Status", body);
}

} // namespace seaworthy::publish

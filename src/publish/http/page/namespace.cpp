// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "publish/http/page/changes.hpp"
#include "publish/http/page/parts.hpp"
#include "publish/reports/remedies.hpp"
#include "publish/reports/report_document.hpp"

namespace seaworthy::publish {

namespace {

using report::Status;

constexpr std::size_t k_objects_a_check = 25; // the rest is a link away

/// The results of one check in the namespace.
struct CheckResults {
    const check::Check* check = nullptr;
    std::vector<const report::Result*> rows;
    Status worst = Status::not_applicable;
    double worth = 0;
};

std::vector<std::vector<CheckResults>> group(const report::Report& report, std::string_view ns, std::size_t controls)
{
    std::vector<std::vector<CheckResults>> by_control(controls);
    for (const auto& result : report.results) {
        if (result.ns() != ns || result.control() >= controls) continue;
        auto& checks = by_control[result.control()];
        auto found = std::ranges::find(checks, &result.check(), &CheckResults::check);
        if (found == checks.end()) found = checks.insert(checks.end(), {&result.check(), {}, {}, 0});
        found->rows.push_back(&result);
        found->worst = std::max(found->worst, result.status());
        if (result.is_finding() && result.exemption() == 0) found->worth += static_cast<double>(result.worth);
    }
    for (auto& checks : by_control) {
        std::ranges::stable_sort(checks, [](const auto& a, const auto& b) { return a.worst > b.worst; });
        for (auto& check : checks)
            std::ranges::stable_sort(check.rows, [](const auto* a, const auto* b) { return a->status() > b->status(); });
    }
    return by_control;
}

void put_result(Html& out, const report::Result& result, const report::Report& report)
{
    out << "<li class=\"result\"><div class=\"line\">" << status_badge(result.status()) << "<p class=\"object\">"
        << object_name(result.object(), false) << "</p>";
    if (result.is_finding()) out << severity_badge(result.severity());
    if (const auto worth = points_text(static_cast<double>(result.worth)); !worth.empty() && result.exemption() == 0)
        out << "<span class=\"worth\">" << worth << " points</span>";
    out << attested_note(result) << "</div><p class=\"message\">" << result.message() << "</p>";
    if (const auto evidence = result.evidence(); !evidence.empty()) out << evidence_list(evidence);
    out << exemption_note(result, report) << unknown_note(result);
    if (!result.remediation().empty() && result.status() != Status::pass)
        out << "<details><summary>Fix for this object</summary>" << prose(result.remediation()) << "</details>";
    out << "</li>";
}

bool needs_action(Status status)
{
    return status == Status::fail || status == Status::warn || status == Status::unknown;
}

/// A check that asks for something: why it matters, how to fix it, and the objects.
void put_check(Html& out, const Call& call, const CheckResults& results, std::string_view ns)
{
    const auto& check = *results.check;
    out << "<article class=\"check\"><h3 class=\"" << status_class(results.worst) << "\">" << status_icon(results.worst) << check.title
        << "</h3><p class=\"dim\"><code>" << check.id << "</code></p><p class=\"why\">" << check.rationale << "</p>";
    if (!check.remediation.empty())
        out << "<details class=\"fix\"><summary>How to fix it</summary>" << prose(check.remediation) << "<p class=\"dim\">"
            << references(check.references) << "</p></details>";
    out << "<ul class=\"results\">";
    std::size_t shown = 0;
    for (const auto* result : results.rows) {
        if (shown == k_objects_a_check || !needs_action(result->status())) break; // the rows are sorted: the quiet ones come last
        put_result(out, *result, call.report());
        ++shown;
    }
    out << "</ul>";
    if (const auto hidden = results.rows.size() - shown; hidden > 0)
        out << "<p class=\"dim\"><a href=\"/findings?status=all&amp;namespace=" << Url{ns} << "&amp;check=" << Url{check.id} << "\">" << hidden
            << std::string_view{hidden == 1 ? " other object" : " other objects"} << "</a></p>";
    out << "</article>";
}

/// Checks that ask for nothing, in one line each. Their titles name what is wrong where they fail, so the heading says that it is not so.
void put_quiet_checks(Html& out, const std::vector<CheckResults>& checks, Status status, std::string_view ns)
{
    const auto count = std::ranges::count(checks, status, &CheckResults::worst);
    if (count == 0) return;
    out << "<details class=\"quiet " << status_class(status) << "\"><summary>" << status_icon(status) << count
        << std::string_view{count == 1 ? " check " : " checks "};
    if (status == Status::pass)
        out << "passed</summary><p class=\"dim\">Looked for and not found:</p>";
    else
        out << std::string_view{count == 1 ? "does" : "do"} << " not apply</summary>";
    out << "<ul>";
    for (const auto& results : checks) {
        if (results.worst != status) continue;
        const auto attested = std::ranges::find_if(results.rows, [](const report::Result* result) { return result->attested(); });
        out << "<li>" << results.check->title << " ";
        if (attested != results.rows.end()) out << attested_note(**attested) << " ";
        out << "<a class=\"dim\" href=\"/findings?status=all&amp;namespace=" << Url{ns} << "&amp;check=" << Url{results.check->id} << "\">"
            << results.rows.size() << std::string_view{results.rows.size() == 1 ? " object" : " objects"} << "</a></li>";
    }
    out << "</ul></details>";
}

void put_control(Html& out, const Call& call, const report::ControlSummary& summary, const std::vector<CheckResults>& checks, std::string_view ns)
{
    const auto& control = *call.imprint().catalog[summary.control];
    const bool open = summary.status == Status::fail || summary.status == Status::warn;
    out << "<details class=\"control\" id=\"" << control.id << "\"";
    if (open) out << " open=\"\"";
    out << "><summary><h2><span class=\"step\">";
    if (control.step > 0) out << control.step;
    out << "</span>" << control.title << "</h2>" << status_badge(summary.status) << "<span class=\"tally\">" << tally(summary.counts)
        << "</span><span class=\"score\">" << score_text(summary.score.score) << score_bar(summary.score.score)
        << "</span></summary><div class=\"body\">";
    if (checks.empty())
        out << "<p class=\"empty\">Nothing in this namespace is subject to <a href=\"/controls/" << Url{control.id} << "\">" << control.title
            << "</a>.</p>";
    for (const auto& check : checks)
        if (needs_action(check.worst)) put_check(out, call, check, ns);
    put_quiet_checks(out, checks, Status::pass, ns);
    put_quiet_checks(out, checks, Status::not_applicable, ns);
    out << "</div></details>";
}

void put_head(Html& out, const Call& call, const report::NamespaceSummary& ns)
{
    const auto& score = ns.score;
    out << "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><a href=\"/\">Overview</a></nav><div class=\"hero\">" << score_ring(score.score, "of 100")
        << "<div><h1>" << ns.name << "</h1><p>";
    if (ns.system) out << "<span class=\"chip\">system namespace</span> ";
    if (!ns.tenant.empty()) out << "<span class=\"chip\">tenant " << ns.tenant << "</span> ";
    out << tally(ns.counts) << "</p><dl class=\"facts\"><div><dt>Points</dt><dd>"
        << fmt::format("{:.1f} of {:.1f}", score.points, score.points_possible) << "</dd></div><div><dt>Coverage</dt><dd>"
        << score_text(score.coverage) << " %</dd></div>";
    if (ns.counts.exempt > 0) out << "<div><dt>With exemptions</dt><dd>" << score_text(score.score_with_exemptions) << "</dd></div>";
    out << "<div><dt>Audited</dt><dd>" << ago(call.report().generated_at, call.now) << "</dd></div></dl></div>";
    if (call.settings.history != nullptr) {
        const auto line = trend_line(call.settings.history->fine_trend(ns.name));
        const auto change = call.settings.history->change(ns.name);
        if (change) out << "<div class=\"past\">" << line << change_text(*change, call.now, Told::score) << "</div>";
    }
    out << "</div>";
}

void put_best_fixes(Html& out, const report::Report& report, std::string_view ns)
{
    const auto list = remedies(report, ns);
    if (list.empty()) return;
    out << "<section class=\"card\" aria-labelledby=\"h-fix\"><h2 id=\"h-fix\">Fix first</h2><ol class=\"remedies\">";
    for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 3); ++i) {
        const auto& remedy = list[i];
        out << "<li><a href=\"/findings?namespace=" << Url{ns} << "&amp;check=" << Url{remedy.check->id} << "\">" << remedy.check->title
            << "</a><span class=\"worth\">" << points_text(remedy.worth) << "</span><span class=\"dim\">" << remedy.findings
            << std::string_view{remedy.findings == 1 ? " object" : " objects"} << "</span></li>";
    }
    out << "</ol></section>";
}

} // namespace

http::Reply answer_namespace(const Call& call)
{
    const auto* ns = call.report().find_namespace(call.parameter);
    if (ns == nullptr) return page_not_found(call);
    std::string path = "/namespaces/";
    append_url(path, ns->name);
    const auto since = parse_since(call.request, call.now);
    if (!since) return page_bad_request(call, path, since.error().message);
    const auto by_control = group(call.report(), ns->name, call.imprint().catalog.size());
    Html body;
    put_head(body, call, *ns);
    body << "<div class=\"pair\">";
    put_best_fixes(body, call.report(), ns->name);
    put_changes(body, call, path, *since);
    body << "</div><div class=\"controls\">";
    for (const auto& control : ns->controls)
        if (control.control < by_control.size()) put_control(body, call, control, by_control[control.control], ns->name);
    body << "</div>";
    return make_page(call, Section::overview, ns->name, body);
}

} // namespace seaworthy::publish

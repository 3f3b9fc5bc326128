// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "publish/http/page/parts.hpp"
#include "publish/reports/result_filter.hpp"

namespace seaworthy::publish {

namespace {

using report::Status;

struct Reach {
    std::size_t concerned = 0; ///< application namespaces where the control applies
    std::size_t failing = 0;
};

Reach reach(const report::Report& report, std::uint16_t control)
{
    Reach result;
    for (const auto& ns : report.namespaces) {
        if (ns.system) continue;
        const auto found = std::ranges::find(ns.controls, control, &report::ControlSummary::control);
        if (found == ns.controls.end() || found->status == Status::not_applicable) continue;
        ++result.concerned;
        if (found->status == Status::fail) ++result.failing;
    }
    return result;
}

void put_row(Html& out, const Call& call, const report::ControlSummary& summary)
{
    const auto& control = *call.imprint().catalog[summary.control];
    const auto where = reach(call.report(), summary.control);
    out << "<tr><td class=\"num\">";
    if (control.step > 0)
        out << control.step;
    else
        out << "–";
    out << "</td><th scope=\"row\"><a href=\"/controls/" << Url{control.id} << "\">" << control.title << "</a></th><td>"
        << status_badge(summary.status) << "</td><td class=\"num\"><span>" << score_text(summary.score.score) << "</span>"
        << score_bar(summary.score.score) << "</td><td class=\"num\">";
    if (where.concerned > 0)
        out << where.failing << " of " << where.concerned;
    else
        out << "–";
    out << "</td><td>" << tally(summary.counts) << "</td><td class=\"num\">" << control.checks.size() << "</td></tr>";
}

void put_check(Html& out, const Call& call, const check::Check& check)
{
    report::Counts counts;
    std::size_t attested = 0;
    for (const auto& result : call.report().results) {
        if (&result.check() != &check) continue;
        counts.add(result.status());
        if (result.attested()) ++attested;
    }
    auto worst = Status::not_applicable;
    for (const auto status : {Status::pass, Status::warn, Status::unknown, Status::fail})
        if (counts.of(status) > 0) worst = status;
    out << "<article class=\"check\" id=\"" << check.id << "\"><h3 class=\"" << status_class(worst) << "\">" << status_icon(worst) << check.title
        << "</h3><p class=\"dim\"><code>" << check.id << "</code> · " << check::name(check.scope) << " · " << severity_badge(check.severity) << " "
        << tally(counts);
    if (attested > 0) out << " <a class=\"chip\" href=\"/findings?status=all&amp;check=" << Url{check.id} << "\">" << attested << " attested</a>";
    if (counts.of(Status::fail) + counts.of(Status::warn) > 0) out << " <a href=\"/findings?check=" << Url{check.id} << "\">findings</a>";
    out << "</p><p class=\"why\">" << check.rationale << "</p><details class=\"fix\"><summary>Rule and fix</summary><h4>Rule</h4>"
        << prose(check.rule) << "<h4>Fix</h4>" << prose(check.remediation);
    if (!check.limits.empty()) out << "<h4>Limits</h4>" << prose(check.limits);
    if (!check.references.empty()) out << "<p class=\"dim\">" << references(check.references) << "</p>";
    out << "</details></article>";
}

void put_namespaces(Html& out, const report::Report& report, std::uint16_t control, std::string_view id)
{
    struct Row {
        const report::NamespaceSummary* ns;
        const report::ControlSummary* summary;
    };
    std::vector<Row> rows;
    for (const auto& ns : report.namespaces) {
        const auto found = std::ranges::find(ns.controls, control, &report::ControlSummary::control);
        if (found != ns.controls.end() && found->status != Status::not_applicable) rows.push_back({&ns, &*found});
    }
    std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
        if (a.summary->status != b.summary->status) return a.summary->status > b.summary->status;
        return a.summary->score.score.value_or(101) < b.summary->score.score.value_or(101);
    });
    constexpr std::size_t k_most = 200;
    out << "<section class=\"card wide\" aria-labelledby=\"h-where\"><h2 id=\"h-where\">Namespaces</h2>";
    if (rows.empty()) {
        out << empty_note("The control applies to no namespace.") << "</section>";
        return;
    }
    out << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">The control in each namespace, worst first</caption><thead><tr><th "
           "scope=\"col\">Namespace</th><th scope=\"col\">Status</th>"
           "<th scope=\"col\">Score</th><th scope=\"col\">Findings</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < std::min(rows.size(), k_most); ++i)
        out << "<tr><th scope=\"row\"><a href=\"/namespaces/" << Url{rows[i].ns->name} << "#" << Url{id} << "\">" << rows[i].ns->name
            << "</a></th><td>" << status_badge(rows[i].summary->status) << "</td><td class=\"num\"><span>" << score_text(rows[i].summary->score.score)
            << "</span>" << score_bar(rows[i].summary->score.score) << "</td><td>" << tally(rows[i].summary->counts) << "</td></tr>";
    out << "</tbody></table></div>";
    if (rows.size() > k_most)
        out << "<p class=\"dim\">" << (rows.size() - k_most) << " more in <a href=\"/api/v1/controls/" << Url{id} << "\">the API</a></p>";
    out << "</section>";
}

} // namespace

http::Reply answer_controls(const Call& call)
{
    Html body;
    body << "<div class=\"title\"><h1>Controls</h1><p class=\"dim\">Sixteen steps to a cluster that can bear production, and three topics of "
            "advice.</p></div>"
            "<section class=\"card wide\"><div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">The nineteen "
            "controls</caption><thead><tr><th scope=\"col\">Step</th><th scope=\"col\">Control</th>"
            "<th scope=\"col\">Status</th><th scope=\"col\">Score</th><th scope=\"col\">Namespaces failing</th><th scope=\"col\">Findings</th><th "
            "scope=\"col\">Checks</th></tr></thead><tbody>";
    for (const auto& summary : call.report().controls)
        if (summary.control < call.imprint().catalog.size()) put_row(body, call, summary);
    body << "</tbody></table></div></section>";
    return make_page(call, Section::controls, "Controls", body);
}

http::Reply answer_control(const Call& call)
{
    const auto& report = call.report();
    const auto found =
        std::ranges::find_if(report.controls, [&](const auto& summary) { return control_id(summary.control, call.imprint()) == call.parameter; });
    if (found == report.controls.end() || found->control >= call.imprint().catalog.size()) return page_not_found(call);
    const auto& control = *call.imprint().catalog[found->control];
    Html body;
    body << "<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><a href=\"/controls\">Controls</a></nav><div class=\"hero\">"
         << score_ring(found->score.score, "of 100") << "<div><h1>" << control.title << "</h1><p>" << status_badge(found->status) << " "
         << tally(found->counts) << "</p><p class=\"lead\">" << control.summary << "</p><dl class=\"facts\"><div><dt>Step</dt><dd>";
    if (control.step > 0)
        body << control.step;
    else
        body << "advice";
    std::string weight;
    append_number(weight, call.imprint().weight_of(control));
    body << "</dd></div><div><dt>Weight</dt><dd>" << weight << "</dd></div><div><dt>Coverage</dt><dd>" << score_text(found->score.coverage)
         << " %</dd></div></dl></div></div>";
    put_namespaces(body, report, found->control, control.id);
    body << "<section class=\"card wide\" aria-labelledby=\"h-checks\"><h2 id=\"h-checks\">Checks</h2>";
    for (const auto& check : control.checks)
        put_check(body, call, check);
    body << "</section>";
    return make_page(call, Section::controls, control.title, body);
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
// One file that needs nothing else: for an archive, a mail or an auditor. No script, no link to anywhere but references.
#include <algorithm>
#include <ostream>

#include "publish/assets.hpp"
#include "publish/http/page/parts.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/remedies.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"

namespace seaworthy::publish {

namespace {

using report::Severity;
using report::Status;
using Results = std::vector<const report::Result*>;

constexpr std::size_t k_most_remedies = 15;

void put_summary(Html& out, const report::Report& report)
{
    out << "<div class=\"grid two\"><section class=\"card score-card\"><h2>Cluster score</h2>" << score_ring(report.score.score, "of 100")
        << "<dl class=\"facts\"><div><dt>Coverage</dt><dd>" << score_text(report.score.coverage) << " %</dd></div>";
    if (report.counts.exempt > 0) out << "<div><dt>With exemptions</dt><dd>" << score_text(report.score.score_with_exemptions) << "</dd></div>";
    if (const auto attested = attested_count(report); attested > 0) out << "<div><dt>Attested</dt><dd>" << attested << "</dd></div>";
    out << "<div><dt>Namespaces</dt><dd>" << report.namespaces.size() << "</dd></div>";
    if (!report.cluster_version.empty()) out << "<div><dt>Kubernetes</dt><dd>" << report.cluster_version << "</dd></div>"; // manifests have none
    out << "</dl></section><section class=\"card\"><h2>Verdicts</h2><ul class=\"legend\">";
    for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass, Status::not_applicable})
        out << "<li class=\"" << status_class(status) << "\">" << status_icon(status) << "<strong>" << report.counts.of(status) << "</strong> "
            << status_label(status) << "</li>";
    out << "</ul></section></div>";
}

void put_fix_first(Html& out, const report::Report& report)
{
    const auto list = remedies(report);
    if (list.empty()) return;
    out << "<section class=\"card wide\"><h2>Fix first</h2><div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table "
           "class=\"list\"><thead><tr><th scope=\"col\">What</th><th "
           "scope=\"col\">Severity</th>"
           "<th scope=\"col\">Places</th><th scope=\"col\">Points</th></tr></thead><tbody>";
    for (std::size_t i = 0; i < std::min(list.size(), k_most_remedies); ++i)
        out << "<tr><td>" << list[i].check->title << "</td><td>" << severity_badge(list[i].severity) << "</td><td class=\"num\">" << list[i].findings
            << "</td><td class=\"num\">" << points_text(list[i].worth) << "</td></tr>";
    out << "</tbody></table></div></section>";
}

void put_controls(Html& out, const report::Report& report, const Imprint& imprint)
{
    out << "<section class=\"card wide\"><h2>Controls</h2><div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table "
           "class=\"list\"><thead><tr><th scope=\"col\">Control</th><th "
           "scope=\"col\">Status</th>"
           "<th scope=\"col\">Score</th><th scope=\"col\">Results</th></tr></thead><tbody>";
    for (const auto& control : report.controls)
        out << "<tr><td>" << control_title(control.control, imprint) << "</td><td>" << status_badge(control.status) << "</td><td>"
            << "<span class=\"num\">" << score_text(control.score.score) << "</span>" << score_bar(control.score.score) << "</td><td>"
            << tally(control.counts) << "</td></tr>";
    out << "</tbody></table></div></section>";
}

void put_namespaces(Html& out, const report::Report& report)
{
    out << "<section class=\"card wide\"><h2>Namespaces</h2><div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table "
           "class=\"list\"><thead><tr><th "
           "scope=\"col\">Namespace</th><th "
           "scope=\"col\">Score</th>"
           "<th scope=\"col\">Coverage</th><th scope=\"col\">Results</th></tr></thead><tbody>";
    std::vector<const report::NamespaceSummary*> rows;
    for (const auto& ns : report.namespaces)
        rows.push_back(&ns);
    std::ranges::stable_sort(rows, {}, [](const auto* ns) { return std::pair{ns->system, ns->score.score.value_or(101)}; });
    for (const auto* ns : rows)
        out << "<tr><td class=\"name\">" << ns->name << "</td><td><span class=\"num\">" << score_text(ns->score.score) << "</span>"
            << score_bar(ns->score.score) << "</td><td class=\"num\">" << score_text(ns->score.coverage) << "</td><td>" << tally(ns->counts)
            << "</td></tr>";
    out << "</tbody></table></div></section>";
}

void put_finding(Html& out, const report::Result& result, const report::Report& report)
{
    out << "<tr><td>" << status_badge(result.status()) << "</td><td>" << severity_badge(result.severity()) << "</td><td class=\"object\">"
        << object_name(result.object(), result.object().ns != result.ns()) << "</td><td class=\"what\"><strong>" << result.check().title
        << "</strong><p>" << attested_note(result) << result.message() << "</p>" << exemption_note(result, report) << unknown_note(result)
        << "<details><summary>How to fix it</summary>" << prose(remediation_of(result)) << references(result.check().references)
        << "</details></td><td class=\"num\">" << points_text(static_cast<double>(result.worth)) << "</td></tr>";
}

/// The findings of one place, streamed: a report of a large cluster is not held in memory.
void write_place(std::ostream& out, std::string_view ns, const Results& results, std::size_t begin, std::size_t end, const report::Report& report)
{
    Html head;
    head << "<section class=\"card wide\"><h2>" << (ns.empty() ? std::string_view{"The cluster"} : ns)
         << "</h2><div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table class=\"list findings\"><thead><tr><th "
            "scope=\"col\">Status</th><th scope=\"col\">Severity</th><th "
            "scope=\"col\">Object</th>"
            "<th scope=\"col\">What</th><th scope=\"col\">Points</th></tr></thead><tbody>";
    out << std::move(head).take();
    for (auto at = begin; at < end && out; ++at) {
        Html row;
        put_finding(row, *results[at], report);
        out << std::move(row).take();
    }
    out << "</tbody></table></div></section>";
}

} // namespace

void write_html(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    Html head;
    head << "<title>" << report.cluster_name << " · Seaworthy</title>";
    out << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        << std::move(head).take() << "<style>" << assets::seaworthy_css << "</style></head><body>";
    Html body;
    body << status_symbols() << "<main class=\"wrap\"><div class=\"title\"><h1>" << report.cluster_name << "</h1><p class=\"dim\">Seaworthy "
         << imprint.version << ", audit of " << moment(report.generated_at) << "</p></div>";
    put_summary(body, report);
    put_fix_first(body, report);
    put_controls(body, report, imprint);
    put_namespaces(body, report);
    out << std::move(body).take();
    const auto results = results_by_place(report, imprint, filter_of(options, default_statuses()));
    for (std::size_t begin = 0; begin < results.size() && out;) {
        auto end = begin;
        while (end < results.size() && results[end]->ns() == results[begin]->ns())
            ++end;
        write_place(out, results[begin]->ns(), results, begin, end, report);
        begin = end;
    }
    out << "</main></body></html>\n";
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "publish/http/page/changes.hpp"
#include "publish/http/page/parts.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/remedies.hpp"
#include "publish/reports/result_filter.hpp"

namespace seaworthy::publish {

namespace {

using report::NamespaceSummary;
using report::Status;

constexpr std::size_t k_rows_a_page = 50; // keeps the page of any cluster below 300 KB

void put_score_card(Html& out, const Call& call)
{
    const auto& report = call.report();
    const auto& score = report.score;
    out << "<section class=\"card score-card\" aria-labelledby=\"h-score\"><h2 id=\"h-score\">Cluster score</h2>" << score_ring(score.score, "of 100")
        << "<dl class=\"facts\"><div><dt>Coverage</dt><dd>" << score_text(score.coverage) << " %</dd></div>";
    if (report.counts.exempt > 0) out << "<div><dt>With exemptions</dt><dd>" << score_text(score.score_with_exemptions) << "</dd></div>";
    out << "<div><dt>Namespaces</dt><dd>" << report.namespaces.size() << "</dd></div><div><dt>Kubernetes</dt><dd>" << report.cluster_version;
    if (report.platform != "unknown" && !report.platform.empty()) out << " <span class=\"dim\">" << report.platform << "</span>";
    out << "</dd></div></dl>";
    if (call.settings.history != nullptr) {
        out << trend_line(call.settings.history->fine_trend({}));
        if (const auto change = call.settings.history->change({})) out << change_text(*change, call.now, Told::score);
    }
    out << "</section>";
}

/// One bar in the proportions of the statuses.
void put_stack(Html& out, const report::Counts& counts)
{
    std::uint64_t total = 0;
    for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass})
        total += counts.of(status);
    out << "<svg class=\"stack\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
    double left = 0;
    for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass}) {
        if (total == 0 || counts.of(status) == 0) continue;
        const double width = 1000.0 * counts.of(status) / static_cast<double>(total);
        out << "<rect class=\"" << status_class(status) << "\" x=\"" << fmt::format("{:.1f}", left) << "\" width=\""
            << fmt::format("{:.1f}", std::max(width - 2, 1.0)) << "\" height=\"14\"/>";
        left += width;
    }
    out << "</svg>";
}

void put_results_card(Html& out, const Call& call)
{
    const auto& report = call.report();
    out << "<section class=\"card\" aria-labelledby=\"h-results\"><h2 id=\"h-results\">Verdicts</h2>";
    put_stack(out, report.counts);
    out << "<ul class=\"legend\">";
    for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass, Status::not_applicable})
        out << "<li class=\"" << status_class(status) << "\"><a href=\"/findings?status=" << check::name(status) << "\">" << status_icon(status)
            << "<strong>" << report.counts.of(status) << "</strong> " << status_label(status) << "</a></li>";
    out << "</ul>";
    if (report.counts.exempt > 0)
        out << "<p class=\"dim\">" << report.counts.exempt
            << " of the findings are covered by <a href=\"/exemptions\">exemptions</a>; the score counts them all the same.</p>";
    if (const auto attested = attested_count(report); attested > 0)
        out << "<p class=\"dim\">" << attested << " of the verdicts rest on what somebody attests, not on what was observed.</p>";
    out << "</section>";
}

void put_remedies_card(Html& out, const report::Report& report)
{
    const auto list = remedies(report);
    out << "<section class=\"card\" aria-labelledby=\"h-fix\"><h2 id=\"h-fix\">Fix first</h2>";
    if (list.empty()) out << empty_note("No open findings that cost points.");
    out << "<ol class=\"remedies\">";
    for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 5); ++i) {
        const auto& remedy = list[i];
        const auto clusterwide = remedy.namespaces.contains(std::string_view{});
        const auto namespaces = remedy.namespaces.size() - (clusterwide ? 1 : 0);
        out << "<li><a href=\"/findings?check=" << Url{remedy.check->id} << "\">" << remedy.check->title << "</a><span class=\"worth\">"
            << points_text(remedy.worth) << "</span><span class=\"dim\">" << remedy.findings
            << std::string_view{remedy.findings == 1 ? " finding in " : " findings in "};
        if (namespaces == 1)
            out << *remedy.namespaces.rbegin();
        else if (namespaces > 1)
            out << namespaces << " namespaces";
        if (clusterwide) out << std::string_view{namespaces > 0 ? " and the cluster" : "the cluster"};
        out << "</span></li>";
    }
    out << "</ol></section>";
}

struct MatrixView {
    std::vector<const NamespaceSummary*> rows;
    std::size_t page = 1;
    std::size_t pages = 1;
    bool by_name = false;
};

MatrixView matrix_view(const Call& call)
{
    MatrixView view;
    for (const auto& ns : call.report().namespaces)
        view.rows.push_back(&ns);
    view.by_name = call.request.parameter("sort") == "name";
    if (!view.by_name)
        std::ranges::stable_sort(view.rows, {}, [](const NamespaceSummary* ns) { return std::pair{ns->system, ns->score.score.value_or(101)}; });
    view.pages = std::max<std::size_t>(1, (view.rows.size() + k_rows_a_page - 1) / k_rows_a_page);
    const auto wanted = call.request.parameter("page");
    std::from_chars(wanted.data(), wanted.data() + wanted.size(), view.page);
    view.page = std::clamp<std::size_t>(view.page, 1, view.pages);
    return view;
}

/// A control's id as words: its title can be a sentence, too long for the head of a narrow column.
std::string short_title(std::string_view id)
{
    std::string words{id};
    std::ranges::replace(words, '-', ' ');
    const bool is_acronym = words.size() <= 4; // rbac, oidc
    for (std::size_t i = 0; i < (is_acronym ? words.size() : 1); ++i)
        if (words[i] >= 'a' && words[i] <= 'z') words[i] = static_cast<char>(words[i] - 'a' + 'A');
    return words;
}

void put_matrix_head(Html& out, const Call& call, bool by_name)
{
    const auto sorted_by = [&](bool current) -> Html& { return current ? out << " aria-current=\"true\">" : out << ">"; };
    out << "<thead><tr><th scope=\"col\" class=\"ns\"><a href=\"/?sort=name#matrix\"";
    sorted_by(by_name) << "Namespace</a></th><th scope=\"col\" class=\"num\"><a href=\"/#matrix\"";
    sorted_by(!by_name) << "Score</a></th>";
    for (const auto* control : call.imprint().catalog)
        out << "<th scope=\"col\" class=\"v\"><a href=\"/controls/" << Url{control->id} << "\" title=\"" << control->title << "\"><span>"
            << short_title(control->id) << "</span></a></th>";
    out << "</tr></thead>";
}

void put_matrix_row(Html& out, const Call& call, const NamespaceSummary& ns)
{
    out << "<tr><th scope=\"row\" class=\"ns\"><a href=\"/namespaces/" << Url{ns.name} << "\">" << ns.name << "</a>";
    if (ns.system) out << " <span class=\"chip\">system</span>";
    out << "</th><td class=\"num\"><span>" << score_text(ns.score.score) << "</span>" << score_bar(ns.score.score) << "</td>";
    for (const auto& control : ns.controls)
        out << "<td class=\"c " << status_class(control.status) << "\"><a href=\"/namespaces/" << Url{ns.name} << "#"
            << Url{control_id(control.control, call.imprint())} << "\">" << status_icon(control.status) << "<b>" << status_label(control.status)
            << "</b></a></td>";
    out << "</tr>";
}

void put_pages(Html& out, const MatrixView& view)
{
    if (view.pages < 2) return;
    const auto link = [&](std::size_t page, std::string_view label) {
        out << "<a class=\"button\" href=\"/?" << std::string_view{view.by_name ? "sort=name&" : ""} << "page=" << page << "#matrix\">" << label
            << "</a>";
    };
    out << "<nav class=\"pages\" aria-label=\"Pages of namespaces\">";
    if (view.page > 1) link(view.page - 1, "Previous");
    out << "<span>Page " << view.page << " of " << view.pages << "</span>";
    if (view.page < view.pages) link(view.page + 1, "Next");
    out << "</nav>";
}

void put_matrix(Html& out, const Call& call)
{
    const auto view = matrix_view(call);
    out << "<section class=\"card wide\" aria-labelledby=\"matrix\"><div class=\"head\"><h2 id=\"matrix\">Namespaces and controls</h2><p "
           "class=\"dim\">"
        << std::string_view{view.by_name ? "By name." : "Worst first."} << "</p><ul class=\"key\" aria-label=\"Legend\">";
    for (const auto status : {Status::pass, Status::warn, Status::fail, Status::unknown, Status::not_applicable})
        out << "<li class=\"" << status_class(status) << "\">" << status_icon(status) << status_label(status) << "</li>";
    out << "</ul></div>";
    if (view.rows.empty()) {
        out << empty_note("The audit saw no namespace.") << "</section>";
        return;
    }
    out << "<div class=\"scroll matrix-scroll\" role=\"region\" aria-label=\"Table of verdicts\" tabindex=\"0\"><table class=\"matrix\"><caption "
           "class=\"vh\">Worst status of each control in each namespace</caption>";
    put_matrix_head(out, call, view.by_name);
    out << "<tbody>";
    const auto first = (view.page - 1) * k_rows_a_page;
    for (auto i = first; i < std::min(view.rows.size(), first + k_rows_a_page); ++i)
        put_matrix_row(out, call, *view.rows[i]);
    out << "</tbody></table></div>";
    put_pages(out, view);
    out << "</section>";
}

void put_gaps(Html& out, const report::Report& report)
{
    if (report.gaps.empty() && report.counts.of(Status::unknown) == 0) return;
    constexpr std::size_t k_most = 20;
    out << "<section class=\"card\" aria-labelledby=\"h-gaps\"><h2 id=\"h-gaps\">What could not be seen</h2><p>" << report.counts.of(Status::unknown)
        << " verdicts are <a href=\"/findings?status=unknown\">unknown</a>: unknown never counts as a pass.</p>";
    if (!report.gaps.empty()) {
        out << "<div class=\"scroll\"><table class=\"list\"><caption class=\"vh\">Lists that could not be read</caption><thead><tr><th "
               "scope=\"col\">Resource</th><th scope=\"col\">Namespace</th>"
               "<th scope=\"col\">Reason</th><th scope=\"col\">What was said</th></tr></thead><tbody>";
        for (std::size_t i = 0; i < std::min(report.gaps.size(), k_most); ++i) {
            const auto& gap = report.gaps[i];
            out << "<tr><th scope=\"row\"><code>" << gap.resource << "</code></th><td>"
                << (gap.ns == "*" ? std::string_view{"all"} : std::string_view{gap.ns}) << "</td><td>" << model::name(gap.reason)
                << "</td><td class=\"dim\">" << gap.message << "</td></tr>";
        }
        out << "</tbody></table></div>";
        if (report.gaps.size() > k_most) out << "<p><a href=\"/status\">All " << report.gaps.size() << " of them</a></p>";
    }
    out << "</section>";
}

} // namespace

http::Reply answer_overview(const Call& call)
{
    const auto since = parse_since(call.request, call.now);
    if (!since) return page_bad_request(call, "/", since.error().message);
    const auto& report = call.report();
    Html body;
    body << "<div class=\"title\"><h1>" << (report.cluster_name.empty() ? std::string_view{"Cluster"} : std::string_view{report.cluster_name})
         << "</h1><p class=\"dim\">Audited " << ago(report.generated_at, call.now) << ", " << moment(report.generated_at) << ", in "
         << fmt::format("{:.1f}", report.duration_seconds) << " s";
    if (call.view.auditing_since.known()) body << " · the next audit is running";
    body << "</p></div><div class=\"grid\">";
    put_score_card(body, call);
    put_results_card(body, call);
    put_remedies_card(body, report);
    body << "</div>";
    put_changes(body, call, "/", *since);
    put_matrix(body, call);
    put_gaps(body, report);
    return make_page(call, Section::overview, report.cluster_name.empty() ? "Overview" : report.cluster_name, body);
}

} // namespace seaworthy::publish

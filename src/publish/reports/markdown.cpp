// SPDX-License-Identifier: Apache-2.0
// GitHub-flavoured Markdown for a comment on a pull request, which may have 65,536 characters.
#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "publish/reports/markdown_text.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/remedies.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using report::Severity;
using report::Status;

constexpr std::size_t k_most_remedies = 10;
constexpr std::size_t k_most_namespaces = 20;

std::string score(std::optional<double> percent)
{
    return percent ? fmt::format("{:.1f}", *percent) : "–";
}

std::string_view sign(Status status)
{
    switch (status) {
    case Status::pass: return "✅ pass";
    case Status::warn: return "⚠️ warn";
    case Status::fail: return "❌ fail";
    case Status::unknown: return "❔ unknown";
    case Status::not_applicable: return "➖ not applicable";
    }
    return "";
}

std::string head(const report::Report& report)
{
    const auto& counts = report.counts;
    auto out = fmt::format("## Seaworthy: {} scores {} of 100\n\n", markdown_text(report.cluster_name.empty() ? "the cluster" : report.cluster_name),
                           score(report.score.score));
    out += fmt::format("**{}** fail · **{}** warn · **{}** unknown · **{}** pass · coverage {} %", counts.of(Status::fail), counts.of(Status::warn),
                       counts.of(Status::unknown), counts.of(Status::pass), score(report.score.coverage));
    if (counts.exempt > 0) out += fmt::format(" · {} exempt", counts.exempt);
    if (const auto attested = attested_count(report); attested > 0) out += fmt::format(" · {} attested, not observed", attested);
    return out + "\n";
}

std::string controls(const report::Report& report, const Imprint& imprint)
{
    std::string out = "\n### Controls\n\n| Control | Status | Score | Fail | Warn | Unknown |\n|---|---|--:|--:|--:|--:|\n";
    for (const auto& control : report.controls)
        out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown_text(control_title(control.control, imprint)), sign(control.status),
                           score(control.score.score), control.counts.of(Status::fail), control.counts.of(Status::warn),
                           control.counts.of(Status::unknown));
    return out;
}

std::string namespaces(const report::Report& report)
{
    std::vector<const report::NamespaceSummary*> worst;
    for (const auto& ns : report.namespaces)
        if (!ns.system) worst.push_back(&ns);
    std::ranges::stable_sort(worst, {}, [](const auto* ns) { return ns->score.score.value_or(101); });
    if (worst.empty()) return {};
    std::string out =
        "\n### Namespaces, worst first\n\n| Namespace | Score | Coverage | Critical | High | Medium | Low |\n|---|--:|--:|--:|--:|--:|--:|\n";
    for (const auto* ns : std::span{worst}.first(std::min(worst.size(), k_most_namespaces))) {
        const auto findings = [&](Severity severity) { return ns->findings[static_cast<std::size_t>(severity)]; };
        out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", markdown_text(ns->name), score(ns->score.score), score(ns->score.coverage),
                           findings(Severity::critical), findings(Severity::high), findings(Severity::medium), findings(Severity::low));
    }
    if (worst.size() > k_most_namespaces) out += fmt::format("\n… and {} better ones.\n", worst.size() - k_most_namespaces);
    return out;
}

std::string fix_first(const report::Report& report)
{
    const auto list = remedies(report);
    if (list.empty()) return {};
    std::string out = "\n### Fix first\n\n";
    for (const auto& remedy : std::span{list}.first(std::min(list.size(), k_most_remedies)))
        out += fmt::format("1. **{}** ({}, {} places, +{:.2f} points)\n", markdown_text(remedy.check->title), markdown_text(remedy.check->id),
                           remedy.findings, remedy.worth);
    return out;
}

std::string row(const report::Result& result)
{
    return fmt::format("| {} | {} | {} | {} | {} |\n", sign(result.status()), check::name(result.severity()),
                       markdown_text(object_path(result.object())), markdown_text(result.check().id),
                       (result.attested() ? "attested: " : "") + markdown_text(result.message()));
}

/// As many findings as there is room for, the worst first.
std::string findings(std::vector<const report::Result*> results, std::size_t room)
{
    if (results.empty()) return "\nNothing was found.\n";
    sort_worst_first(results);
    std::string out = "\n<details><summary>Findings</summary>\n\n| Status | Severity | Object | Check | Message |\n|---|---|---|---|---|\n";
    constexpr std::size_t reserve = 200; // for the last lines
    std::size_t shown = 0;
    for (const auto* result : results) {
        const auto line = row(*result);
        if (out.size() + line.size() + reserve > room) break;
        out += line;
        ++shown;
    }
    if (shown < results.size()) out += fmt::format("\n… and {} more: `seaworthy audit -o json` has all.\n", results.size() - shown);
    return out + "\n</details>\n";
}

std::string gaps(const report::Report& report)
{
    if (report.gaps.empty()) return {};
    return fmt::format("\n> {} lists could not be read; what rests on them is unknown, not passed.\n", report.gaps.size());
}

} // namespace

void write_markdown(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    const auto text = head(report) + gaps(report) + fix_first(report) + namespaces(report) + controls(report, imprint);
    out << text
        << findings(results_by_place(report, imprint, filter_of(options, default_statuses())),
                    k_most_markdown_bytes - std::min(text.size(), k_most_markdown_bytes));
}

} // namespace seaworthy::publish

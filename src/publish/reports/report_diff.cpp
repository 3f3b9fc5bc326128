// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/report_diff.hpp"

#include <algorithm>
#include <ostream>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "publish/reports/markdown_text.hpp"
#include "publish/reports/report_document.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using Findings = std::vector<const SavedResult*>;

struct Section {
    Findings ReportDiff::*findings;
    std::string_view key;   ///< in JSON
    std::string_view title; ///< for people
    std::string_view count; ///< in the summary, after its number
};

constexpr Section k_sections[] = {
    {&ReportDiff::opened, "opened", "New", "new"},
    {&ReportDiff::worsened, "worsened", "Worse: a warning has become a failure", "worse"},
    {&ReportDiff::improved, "improved", "Better: a failure has become a warning", "better"},
    {&ReportDiff::resolved, "resolved", "Resolved", "resolved"},
    {&ReportDiff::unseen, "unseen", "No longer seen: not known to be resolved", "no longer seen"},
};

void sort(Findings& findings)
{
    const auto key = [](const SavedResult* one) {
        return std::tuple{-static_cast<int>(one->severity), one->status != check::Status::fail, std::string_view{one->check},
                          std::string_view{one->ns},        std::string_view{one->kind},        std::string_view{one->name}};
    };
    std::ranges::sort(findings, {}, key);
}

std::string object_of(const SavedResult& result)
{
    return result.ns.empty() || result.kind == "Namespace" ? fmt::format("{}/{}", result.kind, result.name)
                                                           : fmt::format("{}/{}/{}", result.ns, result.kind, result.name);
}

std::string score_of(const SavedReport& report)
{
    return report.score ? fmt::format("{:.1f}", *report.score) : "none";
}

/// "78.9 → 77.2 (−1.7)"
std::string scores(const ReportDiff& diff)
{
    auto line = fmt::format("{} → {}", score_of(*diff.before), score_of(*diff.after));
    if (diff.before->score && diff.after->score) line += fmt::format(" ({:+.1f})", *diff.after->score - *diff.before->score);
    return line;
}

std::string summary(const ReportDiff& diff)
{
    std::string line;
    for (const auto& section : k_sections)
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", (diff.*section.findings).size(), section.count);
    return line;
}

nlohmann::ordered_json finding_json(const SavedResult& result)
{
    return {{"check", result.check},
            {"status", check::name(result.status)},
            {"severity", check::name(result.severity)},
            {"namespace", result.ns},
            {"kind", result.kind},
            {"name", result.name},
            {"message", result.message},
            {"fingerprint", result.fingerprint}};
}

} // namespace

ReportDiff compare(const SavedReport& before, const SavedReport& after)
{
    using enum check::Status;
    ReportDiff diff;
    diff.before = &before;
    diff.after = &after;
    for (const auto& [fingerprint, now] : after.results) {
        if (!now.is_finding()) continue;
        const auto then = before.results.find(fingerprint);
        if (then == before.results.end() || !then->second.is_finding())
            diff.opened.push_back(&now);
        else if (then->second.status == warn && now.status == fail)
            diff.worsened.push_back(&now);
        else if (then->second.status == fail && now.status == warn)
            diff.improved.push_back(&now);
    }
    for (const auto& [fingerprint, then] : before.results) {
        if (!then.is_finding()) continue;
        const auto now = after.results.find(fingerprint);
        if (now != after.results.end() && now->second.is_finding()) continue;
        const bool hidden = now != after.results.end() && !now->second.exempt && now->second.status == unknown;
        (hidden ? diff.unseen : diff.resolved).push_back(&then);
    }
    for (const auto& section : k_sections)
        sort(diff.*section.findings);
    return diff;
}

std::size_t count_gated(const ReportDiff& diff, check::Severity threshold, bool warn_counts)
{
    const auto counts = [&](const SavedResult* result) {
        return result->severity >= threshold && (warn_counts || result->status == check::Status::fail);
    };
    return static_cast<std::size_t>(std::ranges::count_if(diff.opened, counts) + std::ranges::count_if(diff.worsened, counts));
}

void write_diff_text(const ReportDiff& diff, std::ostream& out)
{
    constexpr std::size_t widest = 200;
    out << fmt::format("{}: score {}\n", printable(diff.after->cluster.empty() ? "cluster" : diff.after->cluster, widest), scores(diff));
    for (const auto& section : k_sections) {
        const auto& findings = diff.*section.findings;
        if (findings.empty()) continue;
        out << fmt::format("\n{} ({})\n", section.title, findings.size());
        for (const auto* result : findings)
            out << fmt::format("  {:<4}  {:<8}  {}  {}\n        {}\n", check::name(result->status), check::name(result->severity),
                               printable(result->check, widest), printable(object_of(*result), widest), printable(result->message, widest));
    }
    out << "\n" << summary(diff) << "\n";
}

void write_diff_markdown(const ReportDiff& diff, std::ostream& out)
{
    auto text = fmt::format("### Seaworthy: {}\n\nScore {}\n", summary(diff), markdown_text(scores(diff)));
    std::size_t left_out = 0;
    for (const auto& section : k_sections) {
        const auto& findings = diff.*section.findings;
        if (findings.empty()) continue;
        text += fmt::format("\n**{} ({})**\n\n| | severity | check | object | message |\n|---|---|---|---|---|\n", section.title, findings.size());
        for (const auto* result : findings) {
            const auto row = fmt::format("| {} | {} | {} | {} | {} |\n", check::name(result->status), check::name(result->severity),
                                         markdown_text(result->check), markdown_text(object_of(*result)), markdown_text(result->message));
            if (text.size() + row.size() > k_most_markdown_bytes)
                ++left_out;
            else
                text += row;
        }
    }
    if (left_out > 0) text += fmt::format("\n{} more are left out here.\n", left_out);
    out << text;
}

void write_diff_json(const ReportDiff& diff, std::ostream& out)
{
    const auto side = [](const SavedReport& report) {
        nlohmann::ordered_json document{{"cluster", report.cluster}, {"generatedAt", report.generated_at}, {"score", nullptr}};
        if (report.score) document["score"] = *report.score;
        return document;
    };
    nlohmann::ordered_json document{
        {"apiVersion", k_api_version}, {"kind", "ReportDiff"}, {"before", side(*diff.before)}, {"after", side(*diff.after)}};
    for (const auto& section : k_sections) {
        auto& list = document[std::string{section.key}] = nlohmann::ordered_json::array();
        for (const auto* result : diff.*section.findings)
            list.push_back(finding_json(*result));
    }
    out << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

} // namespace seaworthy::publish

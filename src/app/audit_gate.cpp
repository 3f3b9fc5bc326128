// SPDX-License-Identifier: Apache-2.0
#include "app/audit_gate.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::app {

namespace {

bool selected(const report::Result& result, const publish::FormatOptions& filters)
{
    const auto control = controls::catalog()[result.control()]->id;
    return (filters.controls.empty() || std::ranges::find(filters.controls, control) != filters.controls.end()) &&
           (filters.checks.empty() || glob_match_any(filters.checks, result.check().id)) &&
           (filters.severities.empty() || std::ranges::find(filters.severities, result.severity()) != filters.severities.end());
}

} // namespace

GateVerdict judge_gate(const report::Report& report, const Gate& gate, const publish::FormatOptions& filters)
{
    if (gate.fail_on) {
        const auto findings = std::ranges::count_if(report.results, [&](const report::Result& result) {
            const bool counts = result.status() == report::Status::fail || (gate.warn_counts && result.status() == report::Status::warn);
            return counts && result.severity() >= *gate.fail_on && result.exemption() == 0 && selected(result, filters);
        });
        if (findings > 0)
            return {ExitCode::finding,
                    fmt::format("{} finding{} of severity {} or above", findings, findings == 1 ? "" : "s", check::name(*gate.fail_on))};
    }
    if (gate.min_score) {
        if (!report.score.score) return {ExitCode::score, "there is no score: nothing could be judged"};
        if (*report.score.score < *gate.min_score)
            return {ExitCode::score, fmt::format("the score {:.1f} is below {:.1f}", *report.score.score, *gate.min_score)};
    }
    if (gate.strict) {
        const auto unknown = std::ranges::count_if(
            report.results, [&](const report::Result& result) { return result.status() == report::Status::unknown && selected(result, filters); });
        const auto gaps = std::ranges::count_if(report.gaps, [](const model::Gap& gap) { return model::is_missing(gap.reason); });
        if (unknown > 0 || gaps > 0) return {ExitCode::unobserved, fmt::format("{} verdicts are unknown, {} lists could not be read", unknown, gaps)};
    }
    return {};
}

} // namespace seaworthy::app

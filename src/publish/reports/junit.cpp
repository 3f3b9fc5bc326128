// SPDX-License-Identifier: Apache-2.0
// JUnit XML in the dialect that CI systems share: a suite a namespace, a case a control. What was not judged is skipped, never passed.
#include <algorithm>
#include <ostream>
#include <span>
#include <string>

#include <fmt/format.h>

#include "publish/encoding/escape.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using report::Status;
using Results = std::span<const report::Result* const>;

constexpr std::size_t k_longest_text = 1'000;

/// For content and attributes. XML 1.0 §2.2 has no control characters and neither U+FFFE nor U+FFFF, not even escaped.
std::string xml(std::string_view text)
{
    auto safe = printable(text, k_longest_text);
    constexpr std::string_view noncharacters[] = {"\xEF\xBF\xBE", "\xEF\xBF\xBF"};
    for (const auto forbidden : noncharacters)
        for (auto at = safe.find(forbidden); at != std::string::npos; at = safe.find(forbidden, at))
            safe.replace(at, forbidden.size(), "\xEF\xBF\xBD");
    std::string out;
    append_html(out, safe);
    return out;
}

std::string one_finding(const report::Result& result)
{
    return xml(check::name(result.status())) + " " + xml(check::name(result.severity())) + " " + xml(result.check().id) + " " +
           xml(object_path(result.object())) + ": " + xml(result.message()) + "\n    fix: " + xml(remediation_of(result)) + "\n";
}

void write_findings(std::ostream& out, Results results, Status status)
{
    for (const auto* result : results)
        if (result->status() == status && result->exemption() == 0) out << one_finding(*result);
}

std::size_t count(Results results, Status status)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(results, [&](const auto* result) { return result->status() == status && result->exemption() == 0; }));
}

/// The results of a suite or a case, sorted by control.
struct Selection {
    Results whole;    ///< all
    Results chosen;   ///< those that the filters leave in, whatever their status
    Results shown;    ///< of those, the ones to print
    Results attested; ///< of the chosen, passes on somebody's word
};

enum class Kind { passed, failed, skipped };

struct Outcome {
    Kind kind = Kind::passed;
    std::string reason; ///< why skipped
};

std::size_t all_with(Results results, Status status)
{
    return static_cast<std::size_t>(std::ranges::count(results, status, &report::Result::status));
}

/// A fail that is printed fails the case. Nothing passes of which the filters hide a fail or an unknown, of which something is unknown, or of
/// which nothing was judged: a filter that is too narrow must not read as good news.
Outcome outcome_of(const Selection& selection)
{
    const auto fails = count(selection.shown, Status::fail);
    if (fails > 0) return {Kind::failed, {}};
    const auto hidden_fails = count(selection.whole, Status::fail) - fails;
    const auto hidden_unknowns = all_with(selection.whole, Status::unknown) - all_with(selection.shown, Status::unknown);
    if (hidden_fails + hidden_unknowns > 0)
        return {Kind::skipped, fmt::format("the filters leave out {} fail and {} unknown", hidden_fails, hidden_unknowns)};
    if (all_with(selection.shown, Status::unknown) > 0) return {Kind::skipped, "not everything could be seen"};
    const auto judged = [](Results results) { return results.size() - all_with(results, Status::not_applicable); };
    if (judged(selection.chosen) > 0) return {Kind::passed, {}};
    return {Kind::skipped, judged(selection.whole) > 0 ? "the filters leave it out" : "nothing here to judge"};
}

/// What passed on somebody's word; the formats that list findings alone would show it as if it had been seen.
std::string attested_passes(Results attested)
{
    std::string lines;
    for (const auto* result : attested)
        lines += "attested " + xml(result->check().id) + " " + xml(object_path(result->object())) + ": " + xml(result->message()) + "\n";
    return lines;
}

void write_case(std::ostream& out, const std::string& suite, std::uint16_t control, const Selection& selection, const Imprint& imprint)
{
    const auto& shown = selection.shown;
    out << "    <testcase classname=\"" << suite << "\" name=\"" << xml(control_id(control, imprint)) << "\" time=\"0\">\n";
    const auto outcome = outcome_of(selection);
    if (outcome.kind == Kind::failed) {
        out << "      <failure type=\"fail\" message=\"" << count(shown, Status::fail) << " of " << xml(control_title(control, imprint)) << "\">";
        write_findings(out, shown, Status::fail);
        out << "</failure>\n";
    }
    if (outcome.kind == Kind::skipped) out << "      <skipped message=\"" << outcome.reason << "\"/>\n";
    if (count(shown, Status::warn) + count(shown, Status::unknown) + selection.attested.size() > 0) {
        out << "      <system-out>";
        write_findings(out, shown, Status::warn);
        write_findings(out, shown, Status::unknown);
        out << attested_passes(selection.attested) << "</system-out>\n";
    }
    out << "    </testcase>\n";
}

/// Those of one control.
Selection of_control(const Selection& suite, std::uint16_t control)
{
    const auto part = [&](Results results) {
        const auto of = [](const auto* result) { return result->control(); };
        return Results{std::ranges::lower_bound(results, control, {}, of), std::ranges::upper_bound(results, control, {}, of)};
    };
    return {part(suite.whole), part(suite.chosen), part(suite.shown), part(suite.attested)};
}

void write_suite(std::ostream& out, const std::string& name, const Selection& suite, const report::Report& report, const Imprint& imprint)
{
    std::size_t failed = 0;
    std::size_t skipped = 0;
    for (const auto& control : report.controls) {
        const auto kind = outcome_of(of_control(suite, control.control)).kind;
        failed += kind == Kind::failed ? 1 : 0;
        skipped += kind == Kind::skipped ? 1 : 0;
    }
    out << "  <testsuite name=\"" << name << "\" tests=\"" << report.controls.size() << "\" failures=\"" << failed << "\" errors=\"0\" skipped=\""
        << skipped << "\" time=\"0\" timestamp=\"" << format_rfc3339(report.generated_at) << "\">\n";
    for (const auto& control : report.controls)
        write_case(out, name, control.control, of_control(suite, control.control), imprint);
    out << "  </testsuite>\n";
}

} // namespace

void write_junit(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    const auto whole = results_by_place(report, imprint, {});
    auto unfiltered_by_status = options;
    unfiltered_by_status.show.reset();
    const auto chosen = results_by_place(report, imprint, filter_of(unfiltered_by_status, std::nullopt));
    const auto shown = results_by_place(report, imprint, filter_of(options, default_statuses()));
    auto attested = results_by_place(report, imprint, filter_of(options, std::vector{Status::pass}));
    std::erase_if(attested, [](const auto* result) { return !result->attested(); });
    const auto of_place = [&](std::string_view ns) {
        return Selection{results_of_place(whole, ns), results_of_place(chosen, ns), results_of_place(shown, ns), results_of_place(attested, ns)};
    };
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" << xml("seaworthy " + report.cluster_name) << "\">\n";
    write_suite(out, "cluster", of_place({}), report, imprint);
    for (const auto& ns : report.namespaces)
        write_suite(out, "namespace " + xml(ns.name), of_place(ns.name), report, imprint);
    out << "</testsuites>\n";
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
// JUnit XML in the dialect that CI systems share: a suite a namespace, a case a control. What was not judged is skipped, never passed.
#include <algorithm>
#include <ostream>
#include <span>

#include "publish/encoding/escape.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using report::ControlSummary;
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

enum class Kind { passed, failed, skipped };

/// A fail fails the case. Without one, a case of which something is unknown is skipped, as is one where nothing applies.
Kind kind_of(const ControlSummary& control, Results results)
{
    if (count(results, Status::fail) > 0) return Kind::failed;
    if (control.counts.of(Status::unknown) > 0) return Kind::skipped;
    return control.counts.of(Status::pass) + control.counts.of(Status::warn) + control.counts.of(Status::fail) > 0 ? Kind::passed : Kind::skipped;
}

/// What passed on somebody's word; the formats that list findings alone would show it as if it had been seen.
std::string attested_passes(Results attested)
{
    std::string lines;
    for (const auto* result : attested)
        lines += "attested " + xml(result->check().id) + " " + xml(object_path(result->object())) + ": " + xml(result->message()) + "\n";
    return lines;
}

void write_case(std::ostream& out, const std::string& suite, const ControlSummary& control, Results results, Results attested,
                const Imprint& imprint)
{
    out << "    <testcase classname=\"" << suite << "\" name=\"" << xml(control_id(control.control, imprint)) << "\" time=\"0\">\n";
    switch (kind_of(control, results)) {
    case Kind::failed:
        out << "      <failure type=\"fail\" message=\"" << count(results, Status::fail) << " of " << xml(control_title(control.control, imprint))
            << "\">";
        write_findings(out, results, Status::fail);
        out << "</failure>\n";
        break;
    case Kind::skipped:
        out << "      <skipped message=\"" << (control.counts.of(Status::unknown) > 0 ? "not everything could be seen" : "nothing here to judge")
            << "\"/>\n";
        break;
    case Kind::passed: break;
    }
    if (count(results, Status::warn) + count(results, Status::unknown) + attested.size() > 0) {
        out << "      <system-out>";
        write_findings(out, results, Status::warn);
        write_findings(out, results, Status::unknown);
        out << attested_passes(attested) << "</system-out>\n";
    }
    out << "    </testcase>\n";
}

/// Those of one control; `results` are sorted by it.
Results of_control(Results results, std::uint16_t control)
{
    const auto found = std::ranges::equal_range(results, control, {}, [](const auto* result) { return result->control(); });
    return {found.begin(), found.end()};
}

void write_suite(std::ostream& out, const std::string& name, std::span<const ControlSummary> controls, Results results, Results attested,
                 const report::Report& report, const Imprint& imprint)
{
    std::size_t failed = 0;
    std::size_t skipped = 0;
    for (const auto& control : controls) {
        const auto kind = kind_of(control, of_control(results, control.control));
        failed += kind == Kind::failed ? 1 : 0;
        skipped += kind == Kind::skipped ? 1 : 0;
    }
    out << "  <testsuite name=\"" << name << "\" tests=\"" << controls.size() << "\" failures=\"" << failed << "\" errors=\"0\" skipped=\"" << skipped
        << "\" time=\"0\" timestamp=\"" << format_rfc3339(report.generated_at) << "\">\n";
    for (const auto& control : controls)
        write_case(out, name, control, of_control(results, control.control), of_control(attested, control.control), imprint);
    out << "  </testsuite>\n";
}

Results of_place(Results results, std::string_view ns)
{
    const auto found = std::ranges::equal_range(results, ns, {}, [](const auto* result) { return result->ns().view(); });
    return {found.begin(), found.end()};
}

/// The cluster's own results as a control's summary: those of its namespaces are in their suites.
std::vector<ControlSummary> cluster_controls(const report::Report& report)
{
    std::vector<ControlSummary> own;
    for (const auto& control : report.controls)
        own.push_back({.control = control.control});
    for (const auto& result : report.results)
        if (result.ns().empty() && result.control() < own.size()) own[result.control()].counts.add(result.status());
    return own;
}

} // namespace

void write_junit(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    const auto all = results_by_place(report, imprint, filter_of(options, default_statuses()));
    auto attested = results_by_place(report, imprint, filter_of(options, std::vector{Status::pass}));
    std::erase_if(attested, [](const auto* result) { return !result->attested(); });
    out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"" << xml("seaworthy " + report.cluster_name) << "\">\n";
    write_suite(out, "cluster", cluster_controls(report), of_place(all, {}), of_place(attested, {}), report, imprint);
    for (const auto& ns : report.namespaces)
        write_suite(out, "namespace " + xml(ns.name), ns.controls, of_place(all, ns.name), of_place(attested, ns.name), report, imprint);
    out << "</testsuites>\n";
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <ostream>
#include <string>

#include "publish/encoding/escape.hpp"
#include "publish/reports/csv.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

void append_row(std::string& out, std::initializer_list<std::string_view> fields)
{
    bool first = true;
    for (const auto field : fields) {
        if (!first) out += ',';
        first = false;
        append_csv_field(out, field);
    }
    out += '\n';
}

/// Names and messages from a cluster stay on their line, wherever the table is shown.
std::string shown(std::string_view text)
{
    return printable(text, 4096);
}

} // namespace

void append_csv_head(std::string& out)
{
    append_row(out, {"status", "severity", "control", "check", "namespace", "kind", "object_namespace", "object_name", "message", "reason", "grant",
                     "worth", "source", "exempt_until", "remediation", "fingerprint"});
}

void append_csv_result(std::string& out, const report::Result& result, const report::Report& report, const Imprint& imprint)
{
    std::string worth;
    append_number(worth, result.worth);
    const bool exempt = result.exemption() != 0 && result.exemption() <= report.exemptions.size();
    const auto until = exempt ? format_rfc3339(report.exemptions[result.exemption() - 1U].exemption.until) : std::string{};
    const auto fingerprint = report::fingerprint(result);
    const auto& object = result.object();
    append_row(out,
               {check::name(result.status()), check::name(result.severity()), control_id(result.control(), imprint), result.check().id,
                shown(result.ns()), shown(object.kind), shown(object.ns), shown(object.name), shown(result.message()), model::name(result.reason()),
                shown(result.grant()), worth, result.attested() ? "attested" : "observed", until, shown(remediation_of(result)), fingerprint});
}

void write_csv(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    const auto filter = filter_of(options, default_statuses());
    std::string line;
    append_csv_head(line);
    out << line;
    for (const auto& result : report.results) {
        if (!filter.matches(result, imprint)) continue;
        if (!out) return;
        line.clear();
        append_csv_result(line, result, report, imprint);
        out << line;
    }
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <numeric>
#include <ostream>

#include "publish/encoding/emitter.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/publish/metrics.hpp"
#include "seaworthy/publish/reports.hpp"

namespace seaworthy::publish {

namespace {

template <typename Document>
void write_document(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    Document document{sink_to(out)};
    emit_report(document, report, imprint, filter_of(options, std::nullopt));
    document.finish();
}

void write_prometheus(const report::Report& report, const Imprint& imprint, const FormatOptions&, std::ostream& out)
{
    out << render_compliance(report, imprint, config::Metrics{}).text.plain;
}

constexpr Format k_formats[] = {
    {"table", "summary, what to fix first, and the findings, for a terminal", write_table, true},
    {"wide", "the table with every namespace, uncut messages, evidence and worth", write_wide, true},
    {"json", "the report as a document, one line a result", write_document<JsonEmitter>, false},
    {"yaml", "the report as YAML", write_document<YamlEmitter>, false},
    {"csv", "one row a result, safe to open in a spreadsheet", write_csv, false},
    {"sarif", "SARIF 2.1.0 for code scanning of GitHub and GitLab", write_sarif, false},
    {"junit", "JUnit XML for CI: a suite a namespace, a case a control", write_junit, false},
    {"markdown", "a summary for a comment on a pull request", write_markdown, false},
    {"html", "one self-contained file", write_html, false},
    {"policyreport", "PolicyReports of wgpolicyk8s.io/v1alpha2, for kubectl apply", write_policy_report, false},
    {"ocsf", "OCSF 1.6.0 Compliance Findings for a SIEM, one JSON record a line", write_ocsf, false},
    {"prometheus", "the compliance metrics in the text format", write_prometheus, false},
};

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const auto above = row[j + 1];
            row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

} // namespace

std::span<const Format> formats()
{
    return k_formats;
}

Result<Writer> writer(std::string_view name)
{
    const auto found = std::ranges::find(k_formats, name, &Format::name);
    if (found != std::end(k_formats)) return found->write;

    std::string names;
    const Format* nearest = nullptr;
    std::size_t least = 3; // further away is no typing error
    for (const auto& format : k_formats) {
        names += names.empty() ? "" : ", ";
        names += format.name;
        if (const auto distance = name.size() > 32 ? least : edit_distance(name, format.name); distance < least) {
            least = distance;
            nearest = &format;
        }
    }
    auto hint = "formats: " + names;
    if (nearest != nullptr) hint = "did you mean \"" + std::string{nearest->name} + "\"? " + hint;
    return failure(Error::Kind::usage, "unknown output format \"" + std::string{name.substr(0, 32)} + "\"", std::move(hint));
}

std::vector<report::Status> default_statuses()
{
    return {report::Status::fail, report::Status::warn, report::Status::unknown};
}

} // namespace seaworthy::publish

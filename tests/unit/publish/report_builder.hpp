// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/publish/reports.hpp"
#include "seaworthy/report/report.hpp"
#include "seaworthy/report/result_writer.hpp"

namespace seaworthy::test {

using report::Severity;
using report::Status;

/// A catalogue of nineteen controls with a few checks each, which does not change when the real one grows.
[[nodiscard]] std::span<const check::Control* const> catalog();
[[nodiscard]] publish::Imprint imprint();
/// What `audit -o FORMAT` writes of it.
[[nodiscard]] std::string write(const std::string& format, const report::Report& report, const publish::FormatOptions& options = {});

/// Makes reports by hand. Scores are rough (the share of passes): what is tested here is how they are shown.
class ReportBuilder {
public:
    ReportBuilder();

    struct Namespace {
        std::string name;
        std::string tenant;
        bool system = false;
    };
    ReportBuilder& ns(Namespace value);

    struct Row {
        std::string check;
        std::string ns; ///< empty: the cluster
        std::string kind = "Deployment";
        std::string name = "api";
        Status status = Status::fail;
        std::string message = "message";
        check::Evidence evidence;
        std::string remediation;
        std::string grant;
        model::Reason reason = model::Reason::none;
        float worth = 0;
        std::size_t exemption = 0; ///< 1 + index of exempt()
        bool attested = false;
    };
    ReportBuilder& result(Row row);
    ReportBuilder& gap(std::string resource, model::Reason reason, std::string message = {});
    ReportBuilder& exempt(std::string id, std::string check, bool expired = false);
    /// A field of the report that has no method of its own.
    [[nodiscard]] report::Report& raw() { return *m_report; }

    [[nodiscard]] std::shared_ptr<const report::Report> build();

private:
    std::shared_ptr<report::Report> m_report;
    report::ResultWriter m_writer;
};

/// A cluster of five namespaces with findings of every kind.
[[nodiscard]] std::shared_ptr<const report::Report> sample_report();
/// `count` namespaces with every control judged.
[[nodiscard]] std::shared_ptr<const report::Report> large_report(std::size_t count);

/// Text that breaks out of whatever does not escape it: HTML, JSON, labels, CSV, terminals, UTF-8.
inline constexpr std::string_view k_hostile =
    "<script>alert('x')</script>\"\\\n\r\t\x1b[31m\x7f{{7*7}}\xff\xc0\xaf\xe2\x80\xae=cmd|' /C calc'!A0&amp;";

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "seaworthy/check/check.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::events {

/// The results of one report as OCSF records, for who knows no other report: each is told as if it were new. Records of a report have the same
/// uids however often it is written, and the findings' uids are those of the daemon's events, but their sequence is that of this list.
class ReportRecords {
public:
    /// Both must outlive it. `version`: of the product.
    ReportRecords(const report::Report& report, std::span<const check::Control* const> catalog, std::string version);

    /// A Compliance Finding in one line without a line feed: what warns or fails is opened, or suppressed where it is exempt, an unknown is
    /// unevaluated, and what passes or does not apply is resolved.
    [[nodiscard]] std::string render(const report::Result& result, std::int64_t sequence) const;

private:
    const report::Report& m_report;
    std::map<std::string_view, std::pair<const check::Control*, const check::Check*>> m_rows;
    std::string m_version;
};

} // namespace seaworthy::events

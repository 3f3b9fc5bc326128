// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "publish/reports/result_filter.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/events/report_records.hpp"

namespace seaworthy::publish {

void write_ocsf(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    const auto filter = filter_of(options, default_statuses());
    const events::ReportRecords records{report, imprint.catalog, imprint.version};
    std::int64_t sequence = 0;
    for (const auto& result : report.results) {
        if (!filter.matches(result, imprint)) continue;
        if (!out) return;
        out << records.render(result, ++sequence) << '\n';
    }
}

} // namespace seaworthy::publish

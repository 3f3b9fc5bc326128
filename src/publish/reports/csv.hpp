// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// A table of results: a row each, safe to open in a spreadsheet. A row is at most some tens of kilobytes, whatever a cluster holds.
void append_csv_head(std::string& out);
void append_csv_result(std::string& out, const report::Result& result, const report::Report& report, const Imprint& imprint);

} // namespace seaworthy::publish

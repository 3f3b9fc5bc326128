// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/publish/reports.hpp"

namespace seaworthy::publish {

void write_table(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_wide(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_csv(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);

} // namespace seaworthy::publish

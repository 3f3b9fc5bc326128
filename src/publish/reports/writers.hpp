// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "publish/encoding/emitter.hpp"
#include "seaworthy/publish/reports.hpp"

namespace seaworthy::publish {

void write_table(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_wide(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_csv(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_sarif(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_junit(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_ocsf(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_html(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_markdown(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);
void write_policy_report(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);

/// Pieces of a document into a stream.
[[nodiscard]] inline TextSink sink_to(std::ostream& out)
{
    return [&out](std::string_view text) {
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        return out.good();
    };
}

} // namespace seaworthy::publish

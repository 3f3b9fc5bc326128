// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// Which results a report shows and how. Filters narrow the results only; scores and counts are always those of the whole audit.
struct FormatOptions {
    std::optional<std::vector<report::Status>> show; ///< not set: the format's own default (documents: all; others: fail, warn, unknown)
    std::vector<std::string> controls;               ///< ids; empty: all
    std::vector<std::string> checks;                 ///< ids or globs; empty: all
    std::vector<report::Severity> severities;        ///< empty: all
    bool color = false;                              ///< ANSI colours; table and wide only
    bool unicode = true;                             ///< false: nothing but ASCII in what we draw; table and wide only
    int width = 0;                                   ///< columns of the terminal; 0: not a terminal, nothing is cut
    int max_findings = 0;                            ///< rows of the table's list of findings; 0: all
};

/// Writes a report. Streams: memory does not grow with the results. Errors are the stream's own state.
using Writer = void (*)(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out);

/// One `-o` format of `audit`.
struct Format {
    std::string_view name;        ///< "table"
    std::string_view description; ///< for --help
    Writer write = nullptr;
    bool for_terminal = false; ///< honours color and width
};

/// All formats; the first is the default.
[[nodiscard]] std::span<const Format> formats();
/// A format by name; an error of kind usage that lists the names and suggests the nearest.
[[nodiscard]] Result<Writer> writer(std::string_view name);

/// The default of `--show`.
[[nodiscard]] std::vector<report::Status> default_statuses();

} // namespace seaworthy::publish

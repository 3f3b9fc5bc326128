// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/commands/command.hpp"
#include "seaworthy/publish/reports.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::app {

/// Under which circumstances an audit that worked ends with another exit code than 0.
struct Gate {
    std::optional<report::Severity> fail_on;
    bool warn_counts = false;
    std::optional<double> min_score; ///< 0–100
    bool strict = false;
};

struct GateVerdict {
    ExitCode code = ExitCode::ok;
    std::string message; ///< for standard error; empty with `ok`
};

/// Looks at the results that the filters select; exempted findings do not count. Of several reasons the smallest exit code.
[[nodiscard]] GateVerdict judge_gate(const report::Report& report, const Gate& gate, const publish::FormatOptions& filters);

} // namespace seaworthy::app

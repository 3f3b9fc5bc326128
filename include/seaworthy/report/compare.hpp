// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seaworthy/report/report.hpp"

namespace seaworthy::report {

/// How one subject's verdict differs between two reports.
struct Change {
    enum class Kind { opened, changed, resolved, unevaluated, deleted };
    Kind kind = Kind::changed;
    const Result* before = nullptr; ///< in the older report; nullptr: not there
    const Result* after = nullptr;  ///< in the newer report; nullptr: not there
};

/// The differences of findings from `before` to `after`, in the order of the reports. A finding whose check is `unknown` now is
/// `unevaluated`, never `resolved`: what could not be seen has not been fixed. Both reports must outlive the result.
[[nodiscard]] std::vector<Change> compare(const Report& before, const Report& after);

} // namespace seaworthy::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "seaworthy/check/check.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/report/report.hpp"

namespace cases {

/// A verdict that a case file promises: object as `namespace/Kind/name`, with `-` for what is empty.
struct Expectation {
    std::string object; ///< empty: the case's one subject
    std::string status; ///< "absent": no result
};

/// A snapshot under tests/checks/<check>/, found at run time.
struct Case {
    std::string check;
    std::string name; ///< file name, "pass.pinned.yaml"
    std::string path;
    std::vector<Expectation> expectations;
};

/// All case files, sorted. Throws std::runtime_error for a file whose name or expect.yaml says nothing.
[[nodiscard]] const std::vector<Case>& all();

/// The configuration that a case brings along, on the defaults. C10 is not switched off: cases say how old things are.
[[nodiscard]] seaworthy::check::Settings settings_of(const Case& test);
/// The same with the checks of the case's own control alone.
[[nodiscard]] seaworthy::check::Settings settings_of_control(const Case& test);
/// Reads the case as an audit would. Throws with the reader's words if it cannot.
[[nodiscard]] seaworthy::model::Inventory read(const Case& test, const seaworthy::check::Settings& settings);
[[nodiscard]] std::shared_ptr<seaworthy::report::Report> judge(const Case& test);

/// `namespace/Kind/name`.
[[nodiscard]] std::string object_name(const seaworthy::report::Result& result);
/// Everything that a report says, as text: equal reports have equal text.
[[nodiscard]] std::string dump(const seaworthy::report::Report& report);

} // namespace cases

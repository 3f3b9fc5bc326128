// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/publish/reports.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// Which results are wanted. Every criterion that is set must hold.
struct ResultFilter {
    std::optional<std::vector<report::Status>> statuses;
    std::vector<report::Severity> severities;           ///< empty, as below: all
    std::vector<std::string> controls;                  ///< ids
    std::vector<std::string> checks;                    ///< ids or globs
    std::optional<std::vector<std::string>> namespaces; ///< exact names; "" stands for the cluster's own results
    std::string text; ///< in the check's id, the object's kind, namespace or name, or the message; ASCII letters without case

    [[nodiscard]] bool matches(const report::Result& result, const Imprint& imprint) const;
};

/// The filter of the command line's options; `fallback`: the statuses that a format shows by default, nothing: all.
[[nodiscard]] ResultFilter filter_of(const FormatOptions& options, std::optional<std::vector<report::Status>> fallback);

/// The id of a result's control.
[[nodiscard]] std::string_view control_id(std::uint16_t control, const Imprint& imprint);
/// The title of a control, or its id where the catalogue does not know it.
[[nodiscard]] std::string_view control_title(std::uint16_t control, const Imprint& imprint);

} // namespace seaworthy::publish

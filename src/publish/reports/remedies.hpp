// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// What one check costs over all the places where it has open findings.
struct Remedy {
    const check::Check* check = nullptr;
    report::Severity severity = report::Severity::info; ///< the worst
    double worth = 0;                                   ///< points, over all places
    std::size_t findings = 0;
    std::set<std::string_view> namespaces; ///< "" is the cluster
};

/// What to fix first: the checks by what fixing them adds, exempt findings left out. With `ns`, of that namespace only.
[[nodiscard]] std::vector<Remedy> remedies(const report::Report& report, std::optional<std::string_view> ns = std::nullopt);

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "publish/reports/result_filter.hpp"

namespace seaworthy::publish {

/// The results that the filter wants, by namespace (the cluster's own first) and control, in the report's order within. Point into the report.
[[nodiscard]] std::vector<const report::Result*> results_by_place(const report::Report& report, const Imprint& imprint, const ResultFilter& filter);

/// The part of results_by_place() that is about one namespace; empty: the cluster's own.
[[nodiscard]] std::span<const report::Result* const> results_of_place(std::span<const report::Result* const> results, std::string_view ns);
/// Fails, then warns, then the rest, each by severity: what a limit leaves out is what matters least.
void sort_worst_first(std::span<const report::Result*> results);

/// Those that rest on what somebody states, not on what was observed (C17).
[[nodiscard]] std::size_t attested_count(const report::Report& report);

/// "shop/Deployment/api", "Node/worker-1".
[[nodiscard]] std::string object_path(const report::Object& object);

} // namespace seaworthy::publish

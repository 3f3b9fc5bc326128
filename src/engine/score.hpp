// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>

#include "seaworthy/check/check.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::engine {

using MissingSubjects = std::set<std::pair<const check::Check*, std::string>>;

/// Fills in the scores of a report whose results are recorded: namespaces, tenants, cluster, and what each finding is worth.
/// Formula version 1 (report::k_score_formula), described in docs/score.md.
/// `missing`: checks whose subjects could not be read in a namespace ("" = the cluster); they count 0 there.
void score(report::Report& report, const check::Settings& settings, const MissingSubjects& missing);

} // namespace seaworthy::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// PodDisruptionBudgets and the pods that they keep.
namespace seaworthy::controls {

/// policy/v1: an empty selector selects every pod of the namespace, a missing one none.
[[nodiscard]] bool budget_selects(const model::Document& budget, const model::StringMap& labels);
/// True if the budget selects a template of the workload.
[[nodiscard]] bool budget_selects(const model::Document& budget, const model::Workload& workload);
/// True if some budget of the namespace selects pods with these labels.
[[nodiscard]] bool has_budget(std::string_view ns, const model::StringMap& labels, const check::Context& context);

} // namespace seaworthy::controls

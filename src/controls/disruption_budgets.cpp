// SPDX-License-Identifier: Apache-2.0
#include "controls/disruption_budgets.hpp"

#include <algorithm>

#include "controls/value_selector.hpp"

namespace seaworthy::controls {

bool budget_selects(const model::Document& budget, const model::StringMap& labels)
{
    const auto& selector = budget.at("spec.selector");
    return selector.exists() && selector_matches(selector, labels);
}

bool budget_selects(const model::Document& budget, const model::Workload& workload)
{
    return std::ranges::any_of(workload.templates, [&](const auto* pod_template) { return budget_selects(budget, pod_template->labels); });
}

bool has_budget(std::string_view ns, const model::StringMap& labels, const check::Context& context)
{
    return std::ranges::any_of(context.index.documents_in("poddisruptionbudgets.policy", ns),
                               [&](const auto* budget) { return budget_selects(*budget, labels); });
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/remedies.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace seaworthy::publish {

std::vector<Remedy> remedies(const report::Report& report, std::optional<std::string_view> ns)
{
    std::map<std::string_view, Remedy> by_check; // by id, not by address: equal audits look equal
    for (const auto& result : report.results) {
        if (!result.is_finding() || result.exemption() != 0 || !(result.worth > 0) || (ns && result.ns() != *ns)) continue;
        auto& remedy = by_check[result.check().id];
        remedy.check = &result.check();
        remedy.severity = std::max(remedy.severity, result.severity());
        remedy.worth += static_cast<double>(result.worth);
        ++remedy.findings;
        remedy.namespaces.insert(result.ns());
    }
    std::vector<Remedy> sorted;
    for (auto& [id, remedy] : by_check)
        sorted.push_back(std::move(remedy));
    std::ranges::stable_sort(sorted, std::ranges::greater{}, &Remedy::worth);
    return sorted;
}

} // namespace seaworthy::publish

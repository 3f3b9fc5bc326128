// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/places.hpp"

#include <algorithm>
#include <utility>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

std::vector<const report::Result*> results_by_place(const report::Report& report, const Imprint& imprint, const ResultFilter& filter)
{
    std::vector<const report::Result*> results;
    for (const auto& result : report.results)
        if (filter.matches(result, imprint)) results.push_back(&result);
    std::ranges::stable_sort(results, [](const report::Result* a, const report::Result* b) {
        return std::pair{a->ns().view(), a->control()} < std::pair{b->ns().view(), b->control()};
    });
    return results;
}

std::span<const report::Result* const> results_of_place(std::span<const report::Result* const> results, std::string_view ns)
{
    // Not equal_range: clang 14 does not compile what libstdc++ 12 has it return.
    const auto place = [](const report::Result* result) { return result->ns().view(); };
    return {std::ranges::lower_bound(results, ns, {}, place), std::ranges::upper_bound(results, ns, {}, place)};
}

void sort_worst_first(std::span<const report::Result*> results)
{
    using report::Status;
    std::ranges::stable_sort(results, {}, [](const report::Result* result) {
        return std::pair{result->status() == Status::fail ? 0 : result->status() == Status::warn ? 1 : 2, -static_cast<int>(result->severity())};
    });
}

std::size_t attested_count(const report::Report& report)
{
    return static_cast<std::size_t>(std::ranges::count_if(report.results, &report::Result::attested));
}

std::string object_path(const report::Object& object)
{
    std::string path;
    for (const auto part : {object.ns, object.kind, object.name}) {
        if (part.empty()) continue;
        path += (path.empty() ? "" : "/") + printable(part, 300);
    }
    return path;
}

} // namespace seaworthy::publish

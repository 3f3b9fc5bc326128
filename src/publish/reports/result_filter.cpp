// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/result_filter.hpp"

#include <algorithm>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::publish {

namespace {

template <typename Values, typename Value>
bool contains(const Values& values, const Value& value)
{
    return std::ranges::find(values, value) != std::end(values);
}

} // namespace

bool ResultFilter::matches(const report::Result& result, const Imprint& imprint) const
{
    if (statuses && !contains(*statuses, result.status())) return false;
    if (!severities.empty() && !contains(severities, result.severity())) return false;
    if (namespaces && !contains(*namespaces, result.ns().view())) return false;
    if (!controls.empty() && !contains(controls, control_id(result.control(), imprint))) return false;
    if (!checks.empty() && !glob_match_any(checks, result.check().id)) return false;
    if (text.empty()) return true;
    const auto& object = result.object();
    return contains_ignoring_case(result.check().id, text) || contains_ignoring_case(object.name, text) || contains_ignoring_case(object.ns, text) ||
           contains_ignoring_case(object.kind, text) || contains_ignoring_case(result.message(), text);
}

ResultFilter filter_of(const FormatOptions& options, std::optional<std::vector<report::Status>> fallback)
{
    ResultFilter filter;
    filter.statuses = options.show ? options.show : std::move(fallback);
    filter.severities = options.severities;
    filter.controls = options.controls;
    filter.checks = options.checks;
    return filter;
}

std::string_view control_id(std::uint16_t control, const Imprint& imprint)
{
    return control < imprint.catalog.size() ? imprint.catalog[control]->id : std::string_view{"unknown"};
}

std::string_view control_title(std::uint16_t control, const Imprint& imprint)
{
    return control < imprint.catalog.size() ? imprint.catalog[control]->title : std::string_view{"unknown"};
}

} // namespace seaworthy::publish

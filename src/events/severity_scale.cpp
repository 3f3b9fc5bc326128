// SPDX-License-Identifier: Apache-2.0
#include "events/severity_scale.hpp"

#include <algorithm>

namespace seaworthy::events {
namespace {

// OTLP as the OpenTelemetry log data model maps syslog severities (appendix B), with critical 2, high 3, medium 4, low 5 and informational 6.
constexpr Severity k_severities[] = {
    {0, "Unknown", 0, 1, 0}, {1, "Informational", 1, 1, 9}, {2, "Low", 3, 3, 10},     {3, "Medium", 5, 5, 13},
    {4, "High", 8, 8, 17},   {5, "Critical", 10, 10, 18},   {6, "Fatal", 10, 10, 21}, {99, "Other", 0, 1, 0},
};

} // namespace

const Severity& severity_of(std::int64_t id)
{
    const auto* found = std::ranges::find(k_severities, id, &Severity::id);
    return found == std::end(k_severities) ? k_severities[0] : *found;
}

} // namespace seaworthy::events

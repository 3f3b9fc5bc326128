// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy::events {

/// One OCSF severity in the scales of the other formats.
struct Severity {
    std::int64_t id = 0; ///< OCSF severity_id
    std::string_view name;
    int cef = 0;  ///< 0 to 10: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high
    int leef = 0; ///< 1 to 10
    int otlp = 0; ///< SeverityNumber: 9 INFO, 13 WARN, 17 ERROR, 21 FATAL; 0 unspecified
};

/// Unknown for an id that OCSF does not define.
[[nodiscard]] const Severity& severity_of(std::int64_t id);

} // namespace seaworthy::events

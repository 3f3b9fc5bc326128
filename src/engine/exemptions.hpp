// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/check/check.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::engine {

struct Subject;

/// Which recorded decision covers a finding. Counts how often each does, expired ones included, so that unused ones can be told.
class Exemptions {
public:
    Exemptions(report::Report& report, const check::Settings& settings, Timestamp now);

    /// 1 + the index of the first exemption in force that covers the finding, or 0.
    [[nodiscard]] std::uint16_t cover(const check::Check& check, std::string_view control, const Subject& subject,
                                      const model::StringMap* namespace_annotations);

private:
    [[nodiscard]] std::uint16_t from_annotation(const check::Check& check, const Subject& subject, const model::StringMap* annotations,
                                                std::string_view holder);

    report::Report& m_report;
    const check::Settings& m_settings;
    Timestamp m_now;
    std::unordered_map<std::string, std::uint16_t> m_from_annotations;
};

/// Parses `<check>[,<check>]; until=2027-01-31; owner=…; reason=…` (interfaces.md §7). Nothing where a part is missing or unknown.
[[nodiscard]] std::optional<check::Exemption> parse_exemption_annotation(std::string_view text);

} // namespace seaworthy::engine

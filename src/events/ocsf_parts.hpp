// SPDX-License-Identifier: Apache-2.0
// What records of several OCSF 1.6.0 classes have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "events/ocsf.hpp"

namespace seaworthy::events {

// Longest texts in bytes. All together keep a record far below what the strictest receiver takes.
constexpr std::size_t k_name_bytes = 255;
constexpr std::size_t k_text_bytes = 1000;

struct ClassFacts {
    int category = 0;
    std::string_view category_name;
    int uid = 0; ///< class_uid
    std::string_view name;
};
inline constexpr ClassFacts k_compliance_finding{2, "Findings", 2003, "Compliance Finding"};
inline constexpr ClassFacts k_application_lifecycle{6, "Application Activity", 6002, "Application Lifecycle"};
inline constexpr ClassFacts k_scan_activity{6, "Application Activity", 6007, "Scan Activity"};
inline constexpr ClassFacts k_application_error{6, "Application Activity", 6008, "Application Error"};

/// The attributes of the base event. `severity`: severity_id.
[[nodiscard]] nlohmann::json begin_record(const Frame& frame, const ClassFacts& facts, int activity, std::string_view activity_name, int severity,
                                          std::string_view log_name);
/// OCSF's product object.
[[nodiscard]] nlohmann::json product(const Identity& identity);
[[nodiscard]] std::string_view severity_caption(int severity);
/// One line; whatever is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string write_record(const nlohmann::json& record);

[[nodiscard]] std::string short_name(std::string_view text);
[[nodiscard]] std::string short_text(std::string_view text);
/// The same with its line breaks: manifests in remediations are read by people.
[[nodiscard]] std::string short_lines(std::string_view text);

} // namespace seaworthy::events

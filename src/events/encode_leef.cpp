// SPDX-License-Identifier: Apache-2.0
// LEEF:2.0|vendor|product|version|event id|x09|key=value<tab>key=value
#include <algorithm>
#include <limits>

#include "events/encoders.hpp"
#include "events/record_view.hpp"
#include "events/severity_scale.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

// The predefined attributes first; the others are custom keys, of which each may occur once. The event id and `cat` are the two columns by
// which QRadar finds what an event means, so both must come from small, fixed sets: the event's code and the check.
constexpr Attribute k_attributes[] = {
    {"cat", "finding_info.analytic.uid|class_name"},
    {"policy", path::control},
    {"resource", path::resource_name},
    {"resourceType", path::resource_type},
    {"resourceUid", path::resource_uid},
    {"namespace", path::resource_namespace},
    {"cluster", path::cluster},
    {"clusterUid", path::cluster_uid},
    {"eventUid", path::event_uid},
    {"sequence", path::sequence},
    {"finding", path::finding},
    {"title", path::check_title},
    {"category", path::category},
    {"severity", "severity"},
    {"status", path::result},
    {"reason", path::reason},
    {"msg", path::message},
};

/// There is no escape: tabs and line breaks become spaces.
std::string value(std::string_view text)
{
    return printable(text, std::numeric_limits<std::size_t>::max());
}

/// Nor is there one for the header's pipes.
std::string header(std::string_view text)
{
    auto safe = value(text);
    std::ranges::replace(safe, '|', ' ');
    return safe;
}

} // namespace

std::string to_leef(const RecordView& record)
{
    std::string line = "LEEF:2.0|";
    constexpr std::string_view headers[] = {path::vendor, path::product, path::product_version, "metadata.event_code|type_uid"};
    for (const auto place : headers)
        line.append(header(record.text(place))).append("|");
    line += "x09|";

    line.append("sev=").append(std::to_string(severity_of(record.integer("severity_id").value_or(0)).leef));
    // Milliseconds since 1970 need no devTimeFormat.
    if (const auto time = record.event_time(); time != 0) line.append("\tdevTime=").append(std::to_string(time));
    for (const auto& attribute : k_attributes) {
        const auto text = value(record.text(attribute.path));
        if (!text.empty()) line.append("\t").append(attribute.key).append("=").append(text);
    }
    return line;
}

} // namespace seaworthy::events

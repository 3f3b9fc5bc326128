// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "events/encoders.hpp"
#include "events/record_view.hpp"
#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

struct ClassRow {
    std::int64_t uid = 0;
    std::string_view name; ///< as schema.ocsf.io spells it in addresses
};

constexpr ClassRow k_classes[] = {
    {2003, "compliance_finding"},
    {6002, "application_lifecycle"},
    {6007, "scan_activity"},
    {6008, "application_error"},
};

/// Of an attribute, which must not hold control characters, not even escaped (CloudEvents §Type System).
std::string attribute(std::string_view text)
{
    return printable(text, std::numeric_limits<std::size_t>::max());
}

} // namespace

std::string to_cloudevents(const RecordView& record)
{
    const auto cluster = record.text(path::cluster_uid);
    Json event{
        {"specversion", "1.0"},
        {"id", attribute(record.event_uid())},
        {"source", cluster.empty() ? "/seaworthy" : "/seaworthy/clusters/" + percent_encode(cluster)}, // source and id together are unique
        {"type", attribute(record.qualified_code())},
        {"datacontenttype", "application/json"},
    };
    if (const auto time = record.event_time(); time != 0) event["time"] = iso_time(time);
    if (const auto subject = attribute(record.text("finding_info.uid|resources.0.uid")); !subject.empty()) event["subject"] = subject;

    const auto* row = std::ranges::find(k_classes, record.integer("class_uid").value_or(0), &ClassRow::uid);
    const auto version = record.text("metadata.version");
    if (row != std::end(k_classes) && !version.empty())
        event["dataschema"] = "https://schema.ocsf.io/" + percent_encode(version) + "/classes/" + std::string{row->name};
    return one_line(event, "data", record.line()); // an object, never a string that holds JSON
}

} // namespace seaworthy::events

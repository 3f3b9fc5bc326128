// SPDX-License-Identifier: Apache-2.0
#include "events/encoders.hpp"
#include "events/record_view.hpp"

namespace seaworthy::events {
namespace {

constexpr Attribute k_members[] = {
    {"event_uid", path::event_uid},
    {"event", path::event_code},
    {"sequence", path::sequence},
    {"audit", path::audit},
    {"class", "class_name"},
    {"class_uid", "class_uid"},
    {"activity", "activity_name"},
    {"severity", "severity"},
    {"severity_id", "severity_id"},
    {"message", path::message},
    {"finding", path::finding},
    {"check", path::check},
    {"check_version", path::check_version},
    {"title", path::check_title},
    {"control", path::control},
    {"category", path::category},
    {"status", path::result},
    {"reason", path::reason},
    {"status_detail", "status_detail"},
    {"resource_type", path::resource_type},
    {"resource_name", path::resource_name},
    {"resource_uid", path::resource_uid},
    {"namespace", path::resource_namespace},
    {"owner", "resources.0.owner.name"},
    {"cluster", path::cluster},
    {"cluster_uid", path::cluster_uid},
    {"remediation", "remediation.desc"},
    {"count", "count"},
    {"duration_milliseconds", "duration"},
    {"total", "total"},
    {"detections", "num_detections"},
    {"resolutions", "num_resolutions"},
    {"skipped", "num_skipped_items"},
    {"product", path::product},
    {"product_version", path::product_version},
};

constexpr Attribute k_times[] = {
    {"logged_time", path::logged_time},
    {"first_seen", "finding_info.first_seen_time"},
    {"last_seen", "finding_info.last_seen_time"},
    {"start_time", "start_time"},
    {"end_time", "end_time"},
};

bool is_scalar(const Json* value)
{
    return value != nullptr && value->is_primitive() && !value->is_null();
}

} // namespace

std::string to_flat_json(const RecordView& record)
{
    Json flat{{"time", iso_time(record.event_time())}, {"outcome", record.outcome()}};
    for (const auto& member : k_members)
        if (const auto* value = record.find(member.path); is_scalar(value)) flat[std::string{member.key}] = *value;
    for (const auto& member : k_times)
        if (const auto time = record.time(member.path)) flat[std::string{member.key}] = iso_time(*time);
    // What OCSF has no place for (transition, from, to, episode …) keeps its names; those above are not overwritten.
    if (const auto* unmapped = record.find("unmapped"); unmapped != nullptr && unmapped->is_object())
        for (const auto& [key, value] : unmapped->items())
            if (is_scalar(&value)) flat.emplace(key, value);
    return one_line(flat);
}

} // namespace seaworthy::events

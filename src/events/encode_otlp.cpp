// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>

#include "events/encoders.hpp"
#include "events/record_view.hpp"
#include "events/severity_scale.hpp"

namespace seaworthy::events {
namespace {

// What one filters by; the body has the rest. The k8s names are OpenTelemetry's semantic conventions.
constexpr Attribute k_attributes[] = {
    {"k8s.cluster.name", path::cluster},
    {"k8s.cluster.uid", path::cluster_uid},
    {"k8s.namespace.name", path::resource_namespace},
    {"seaworthy.event.uid", path::event_uid},
    {"seaworthy.event.sequence", path::sequence},
    {"seaworthy.class.uid", "class_uid"},
    {"seaworthy.finding.uid", path::finding},
    {"seaworthy.check", path::check},
    {"seaworthy.control", path::control},
    {"seaworthy.status", path::result},
    {"seaworthy.reason", path::reason},
    {"seaworthy.resource.type", path::resource_type},
    {"seaworthy.resource.name", path::resource_name},
    {"seaworthy.resource.uid", path::resource_uid},
};

bool fits_int64(const Json& value)
{
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= largest);
}

/// The protobuf message AnyValue (opentelemetry/proto/common/v1/common.proto) of `value`. Null is the one without a member.
Json any_value(const Json& value)
{
    if (value.is_string()) return {{"stringValue", value}};
    if (value.is_boolean()) return {{"boolValue", value}};
    if (fits_int64(value)) return {{"intValue", value.dump()}};
    if (value.is_number()) return {{"doubleValue", value.get<double>()}};
    if (value.is_array()) {
        auto values = Json::array();
        for (const auto& item : value)
            values.push_back(any_value(item));
        return {{"arrayValue", {{"values", std::move(values)}}}};
    }
    if (!value.is_object()) return Json::object();
    auto values = Json::array();
    for (const auto& [key, member] : value.items())
        values.push_back({{"key", key}, {"value", any_value(member)}});
    return {{"kvlistValue", {{"values", std::move(values)}}}};
}

std::string nanoseconds(std::int64_t milliseconds)
{
    return milliseconds == 0 ? "0" : std::to_string(milliseconds) + "000000"; // 0: unknown
}

} // namespace

std::string to_otlp(const RecordView& record)
{
    const auto& severity = severity_of(record.integer("severity_id").value_or(0));
    const auto spelled = record.text("severity");
    auto attributes = Json::array();
    for (const auto& attribute : k_attributes)
        if (const auto* value = record.find(attribute.path); value != nullptr && value->is_primitive() && !value->is_null())
            attributes.push_back({{"key", attribute.key}, {"value", any_value(*value)}});
    const Json log_record{
        {"timeUnixNano", nanoseconds(record.event_time())},
        {"observedTimeUnixNano", nanoseconds(record.time(path::logged_time).value_or(record.event_time()))},
        {"severityNumber", severity.otlp},
        {"severityText", spelled.empty() ? std::string{severity.name} : spelled},
        {"eventName", record.qualified_code()},
        {"body", any_value(record.document())},
        {"attributes", std::move(attributes)},
    };
    return one_line(log_record);
}

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "events/encoders.hpp"
#include "events/record_view.hpp"

namespace seaworthy::events {
namespace {

constexpr std::string_view k_version = "8.11.0"; ///< of the schema; the fields below are in all later ones

enum class Kind { text, integer, time };

struct Field {
    std::string_view name; ///< dots part the objects
    std::string_view path;
    Kind kind = Kind::text;
};

constexpr Field k_fields[] = {
    {"event.id", path::event_uid},
    {"event.action", path::event_code},
    {"event.reason", path::reason},
    {"event.sequence", path::sequence, Kind::integer},
    {"event.severity", "severity_id", Kind::integer},
    {"event.created", path::logged_time, Kind::time},
    {"event.start", "start_time", Kind::time},
    {"event.end", "end_time", Kind::time},
    {"rule.id", path::check},
    {"rule.name", path::check_title},
    {"rule.version", path::check_version},
    {"rule.category", path::category},
    {"rule.ruleset", path::control},
    {"orchestrator.cluster.id", path::cluster_uid},
    {"orchestrator.cluster.name", path::cluster},
    {"orchestrator.namespace", path::resource_namespace},
    {"orchestrator.api_version", "resources.0.data.api_version"},
    {"orchestrator.resource.type", path::resource_kind},
    {"orchestrator.resource.name", path::resource_name},
    {"orchestrator.resource.id", path::resource_uid},
    {"observer.vendor", path::vendor},
    {"observer.product", path::product},
    {"observer.version", path::product_version},
    {"message", path::message},
};

struct Categorization {
    std::int64_t class_uid = 0;
    std::int64_t activity_id = 0;
    std::string_view category;
    std::string_view type;
};

// event.type within what ECS expects of its category: "error" is no type of a process, which event.outcome says instead.
constexpr Categorization k_categorizations[] = {
    {6002, 3, "process", "start"},
    {6002, 4, "process", "end"},
    {6008, 1, "process", "info"},
};
constexpr Categorization k_audit{0, 0, "configuration", "info"}; ///< findings and what is told of an audit

const Categorization& categorize(const RecordView& record)
{
    const auto class_uid = record.integer("class_uid").value_or(0);
    const auto activity = record.integer("activity_id").value_or(0);
    const auto* row = std::ranges::find_if(k_categorizations,
                                           [&](const Categorization& each) { return each.class_uid == class_uid && each.activity_id == activity; });
    return row == std::end(k_categorizations) ? k_audit : *row;
}

Json value_of(const RecordView& record, const Field& field)
{
    if (field.kind == Kind::text) {
        auto text = record.text(field.path);
        return text.empty() ? Json() : Json(std::move(text));
    }
    const auto number = field.kind == Kind::time ? record.time(field.path) : record.integer(field.path);
    if (!number) return {};
    return field.kind == Kind::time ? Json(iso_time(*number)) : Json(*number);
}

void place(Json& document, std::string_view name, Json value)
{
    Json* at = &document;
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
        at = &(*at)[std::string{name.substr(0, dot)}];
        name.remove_prefix(dot + 1);
    }
    (*at)[std::string{name}] = std::move(value);
}

/// ECS: an alert is something that a rule outside of the Elastic Stack found.
bool is_alert(const RecordView& record)
{
    const auto code = record.text(path::event_code);
    return code == "finding_opened" || code == "finding_reopened";
}

} // namespace

std::string to_ecs(const RecordView& record)
{
    const auto& categorization = categorize(record);
    Json document{
        {"@timestamp", iso_time(record.event_time())},
        {"ecs", {{"version", k_version}}},
        {"event",
         {{"kind", is_alert(record) ? "alert" : "event"},
          {"category", Json::array({categorization.category})},
          {"type", Json::array({categorization.type})},
          {"outcome", record.outcome()},
          {"module", "seaworthy"}}},
        {"orchestrator", {{"type", "kubernetes"}}},
    };
    for (const auto& field : k_fields)
        if (auto value = value_of(record, field); !value.is_null()) place(document, field.name, std::move(value));
    return one_line(document, "ocsf", record.line());
}

} // namespace seaworthy::events

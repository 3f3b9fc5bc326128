// SPDX-License-Identifier: Apache-2.0
#include "replay/table.hpp"

#include <chrono>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::replay {

namespace {

Json column(const char* name, const char* type, const char* format, const char* description)
{
    return {{"name", name}, {"type", type}, {"format", format}, {"description", description}, {"priority", 0}};
}

bool has_data(const ResourceType& type)
{
    return type.group.empty() && (type.kind == "Secret" || type.kind == "ConfigMap");
}

std::size_t data_keys(const Json& object)
{
    std::size_t keys = 0;
    for (const auto* member : {"data", "binaryData"}) {
        if (const auto data = object.find(member); data != object.end() && data->is_object()) keys += data->size();
    }
    return keys;
}

std::string age(const Json& object)
{
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const auto since = parse_rfc3339(text_at(object, "metadata.creationTimestamp")).age(Timestamp{now});
    return since ? format_age(*since) : "<unknown>";
}

} // namespace

std::string table_head(const ResourceType& type, std::string_view metadata_json)
{
    auto columns = Json::array({column("Name", "string", "name", "Name must be unique within a namespace.")});
    if (type.kind == "Secret" && has_data(type))
        columns.push_back(column("Type", "string", "", "Used to facilitate programmatic handling of secret data."));
    if (has_data(type)) columns.push_back(column("Data", "string", "", "Data contains the data of the object."));
    columns.push_back(column("Age", "string", "", "CreationTimestamp is the time when this object was created."));
    return R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":)" + std::string{metadata_json} + R"(,"columnDefinitions":)" + columns.dump() +
           R"(,"rows":[)";
}

std::string table_row(const ResourceType& type, const StoredObject& object, bool with_metadata)
{
    auto cells = Json::array({object.name});
    if (type.kind == "Secret" && has_data(type)) cells.push_back(object.json.value("type", "Opaque"));
    if (has_data(type)) cells.push_back(data_keys(object.json));
    cells.push_back(age(object.json));
    Json row = {{"cells", std::move(cells)}};
    if (with_metadata)
        row["object"] = {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", object.json.at("metadata")}};
    return row.dump();
}

} // namespace seaworthy::replay

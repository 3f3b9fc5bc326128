// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/description.hpp"
#include "config/tables.hpp"

namespace seaworthy::config {

namespace {

void write_map(std::string& out, const std::vector<Description>& children, std::size_t depth, bool is_item = false);

void write(std::string& out, const Description& node, std::size_t depth);

/// A section whose items are maps: a list of them, or a map by the given names.
void write_items(std::string& out, const Description& node, std::size_t depth)
{
    if (node.key == "shared") {
        write_map(out, node.item, depth);
        return;
    }
    const std::string indent(2 * depth, ' ');
    if (node.key == "attest") {
        out += R"("type": ["object", "null"], "additionalProperties": false, "properties": {)";
        for (const auto name : attestations()) {
            out += fmt::format("{}\n{}  {}: {{", name == attestations().front() ? "" : ",", indent, json_text(name));
            write_map(out, node.item, depth + 1, true);
            out += "}";
        }
        out += "\n" + indent + "}";
        return;
    }
    out += R"("type": ["array", "null"], "items": {)";
    write_map(out, node.item, depth, true);
    out += "}";
}

void write(std::string& out, const Description& node, std::size_t depth)
{
    out += std::string(2 * depth, ' ') + json_text(node.key) + ": {";
    if (!node.why.empty()) out += fmt::format(R"("description": {}, )", json_text(node.why));
    if (!node.children.empty()) {
        write_map(out, node.children, depth);
    } else if (!node.item.empty()) {
        write_items(out, node, depth);
    } else {
        out += node.schema;
    }
    out += "}";
}

void write_map(std::string& out, const std::vector<Description>& children, std::size_t depth, bool is_item)
{
    std::string required;
    for (const auto& child : children)
        if (child.required) required += (required.empty() ? "" : ", ") + json_text(child.key);
    // Keys with a default are never missing, so `required` matters in items alone, where nothing has one.
    out += required.empty() || !is_item ? R"("type": ["object", "null"], )" : fmt::format(R"("type": "object", "required": [{}], )", required);
    out += "\"additionalProperties\": false, \"properties\": {";
    for (const auto& child : children) {
        out += &child == &children.front() ? "\n" : ",\n";
        write(out, child, depth + 1);
    }
    out += fmt::format("\n{}}}", std::string(2 * depth, ' '));
}

} // namespace

std::string json_schema(Catalog catalog)
{
    std::string out = "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"$id\": \"https://seaworthy.dev/schema/config.json\", "
                      "\"title\": \"Configuration of Seaworthy\",\n";
    write_map(out, describe(catalog).children, 0);
    return out + "}\n";
}

} // namespace seaworthy::config

// SPDX-License-Identifier: Apache-2.0
#include "config/description.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "config/sections.hpp"
#include "config/tables.hpp"

namespace seaworthy::config {

namespace {

constexpr std::string_view k_text_schema = R"("type": "string")";
constexpr std::string_view k_list_schema = R"("type": "array", "items": {"type": "string"})";
constexpr std::string_view k_duration_schema = R"("type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$")";

std::string enum_schema(std::span<const std::string_view> choices)
{
    std::string out = R"("enum": [)";
    for (const auto choice : choices)
        out += (choice == choices.front() ? "" : ", ") + json_text(choice);
    return out + "]";
}

struct SchemaWriter {
    const Constraint& constraint;

    [[nodiscard]] std::string range() const
    {
        auto out = fmt::format(R"(, "minimum": {})", constraint.minimum);
        if (!std::isinf(constraint.maximum)) out += fmt::format(R"(, "maximum": {})", constraint.maximum);
        return out;
    }
    std::string operator()(const bool*) const { return R"("type": "boolean")"; }
    std::string operator()(const int*) const { return R"("type": "integer")" + range(); }
    std::string operator()(const double*) const { return R"("type": "number")" + range(); }
    std::string operator()(const std::string*) const { return std::string{k_text_schema} + (constraint.required ? R"(, "minLength": 1)" : ""); }
    std::string operator()(const std::vector<std::string>*) const
    {
        if (!constraint.choices.empty()) return R"("type": "array", "items": {)" + enum_schema(constraint.choices) + "}";
        return constraint.single ? fmt::format(R"("anyOf": [{{{}}}, {{{}}}])", k_text_schema, k_list_schema) : std::string{k_list_schema};
    }
    std::string operator()(const std::chrono::milliseconds*) const { return std::string{k_duration_schema}; }
    std::string operator()(const std::chrono::seconds*) const { return std::string{k_duration_schema}; }
    std::string operator()(const std::chrono::hours*) const { return std::string{k_duration_schema}; }
    std::string operator()(const Timestamp*) const { return R"("type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}")"; }
    std::string operator()(const ByteSize*) const { return R"("type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$")"; }
    std::string operator()(const std::map<std::string, std::string>*) const
    {
        return R"("type": "object", "additionalProperties": {"type": "string"})";
    }
    std::string operator()(const Choice&) const { return enum_schema(constraint.choices); }
};

Description describe_key(const BoundKey& key, std::string_view name)
{
    return {.key = std::string{name},
            .why = std::string{key.why},
            .type = type_name(key),
            .fallback = yaml_value(key),
            .schema = std::visit(SchemaWriter{key.constraint}, key.slot),
            .required = key.constraint.required};
}

/// The node at a dotted path below `root`, made where it is missing.
Description& place(Description& root, std::string_view path)
{
    const auto dot = path.find('.');
    const auto head = path.substr(0, dot);
    auto found = std::ranges::find(root.children, head, &Description::key);
    if (found == root.children.end()) {
        root.children.push_back({.key = std::string{head}});
        found = std::prev(root.children.end());
    }
    return dot == std::string_view::npos ? *found : place(*found, path.substr(dot + 1));
}

template <typename Owner>
std::vector<Description> describe_items(std::span<const Key<Owner>> table)
{
    Owner owner;
    Description root;
    for (const auto& key : bind(owner, table))
        place(root, key.path) = describe_key(key, key.path.substr(key.path.rfind('.') + 1));
    return std::move(root.children);
}

struct ParameterType {
    std::string_view name;
    std::string_view schema;
};

ParameterType type_of(check::Parameter::Type type)
{
    using enum check::Parameter::Type;
    switch (type) {
    case flag: return {"flag", R"("type": ["boolean", "null"])"};
    case number: return {"number", R"("type": ["number", "null"])"};
    case text: return {"text", R"("type": ["string", "null"])"};
    case list: return {"list of texts", R"("type": ["array", "null"], "items": {"type": "string"})"};
    case duration: return {"duration", R"("type": ["string", "null"], "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$")"};
    case pattern: return {"pattern", R"("type": ["string", "null"], "format": "regex")"};
    case records: return {"list of maps", R"("type": ["array", "object", "null"])"};
    }
    return {};
}

/// A catalogue default as YAML. Patterns are kept bare there, which YAML would read as something else.
std::string parameter_yaml(const check::Parameter& parameter)
{
    using Type = check::Parameter::Type;
    auto fallback = parameter.fallback;
    if (fallback.empty()) return "null";
    if (parameter.type == Type::list) {
        std::vector<std::string> items;
        if (const auto value = check::parse_parameter(parameter, fallback)) items = std::get<std::vector<std::string>>(*value);
        return yaml_list(items);
    }
    if (parameter.type != Type::text && parameter.type != Type::pattern) return std::string{fallback};
    if (fallback.size() >= 2 && (fallback.front() == '"' || fallback.front() == '\'') && fallback.back() == fallback.front())
        fallback = fallback.substr(1, fallback.size() - 2);
    return yaml_text(fallback);
}

Description describe_parameter(const check::Parameter& parameter)
{
    const auto type = type_of(parameter.type);
    return {.key = std::string{parameter.name.substr(parameter.name.rfind('.') + 1)},
            .why = std::string{parameter.description},
            .type = std::string{type.name},
            .fallback = parameter_yaml(parameter),
            .schema = std::string{type.schema}};
}

Description describe_check(const check::Check& check)
{
    constexpr std::array<std::string_view, 5> severities{"critical", "high", "medium", "low", "info"};
    Description out{.key = std::string{check.id}, .why = std::string{check.title}};
    out.children.push_back(
        {.key = "enabled", .type = "flag", .fallback = check.enabled ? "true" : "false", .schema = R"("type": "boolean")", .routine = true});
    out.children.push_back({.key = "severity",
                            .type = "severity",
                            .fallback = std::string{check::name(check.severity)},
                            .schema = enum_schema(severities),
                            .routine = true});
    for (const auto& parameter : check.parameters)
        place(out, parameter.name) = describe_parameter(parameter);
    return out;
}

void describe_weights(Description& out, Catalog catalog)
{
    for (const auto* control : catalog)
        out.children.push_back({.key = std::string{control->id},
                                .why = std::string{control->title},
                                .type = "number",
                                .fallback = fmt::format("{}", control->weight),
                                .schema = R"("type": "number", "minimum": 0, "maximum": 100)"});
}

/// Shared parameters by name, each described by the first check that has it.
void describe_shared(Description& out, Catalog catalog)
{
    Description names;
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            for (const auto& parameter : check.parameters)
                if (auto& node = place(names, parameter.name); node.schema.empty()) node = describe_parameter(parameter);
    out.fallback = "{}";
    out.item = std::move(names.children);
}

Description describe_section(const Section& section, Catalog catalog)
{
    Description out{.key = std::string{section.path.substr(section.path.rfind('.') + 1)},
                    .why = std::string{section.why},
                    .type = std::string{section.type},
                    .fallback = "[]"};
    if (section.path == "controls.weights") describe_weights(out, catalog);
    if (section.path == "controls.shared") describe_shared(out, catalog);
    if (section.path == "controls.checks")
        for (const auto* control : catalog)
            for (const auto& check : control->checks)
                out.children.push_back(describe_check(check));
    if (section.path == "exemptions.items") out.item = describe_items(exemption_keys());
    if (section.path == "probes.registries") out.item = describe_items(registry_keys());
    if (section.path == "sinks") out.item = describe_items(sink_keys());
    if (section.path == "oidc.issuers")
        out.schema = R"("type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"url": {"type": "string"}, )"
                     R"("caFile": {"type": "string"}}, "required": ["url"], "additionalProperties": false}]})";
    if (section.path == "oidc.issuerAliases") out.schema = R"("type": "array", "items": {"type": "array", "items": {"type": "string"}})";
    if (section.path == "attest") {
        out.fallback = "{}";
        out.item = describe_items(attestation_keys());
    }
    return out;
}

} // namespace

Description describe(Catalog catalog)
{
    Description root;
    const auto is_inner = [](const Group& group) { return group.path.find('.') != std::string_view::npos; };
    for (const auto& group : groups())
        if (!is_inner(group)) place(root, group.path).why = group.why;
    auto config = default_config(catalog);
    const auto keys = bind(config, settings_keys());
    for (const auto& key : keys)
        place(root, key.path) = describe_key(key, key.path.substr(key.path.rfind('.') + 1));
    for (const auto& section : sections()) {
        auto& node = place(root, section.path);
        auto why = std::move(node.why); // of a section that is a whole top-level key
        node = describe_section(section, catalog);
        if (!why.empty()) node.why = std::move(why);
    }
    for (const auto& group : groups())
        if (is_inner(group)) place(root, group.path).why = group.why;
    return root;
}

std::string json_text(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

} // namespace seaworthy::config

// SPDX-License-Identifier: Apache-2.0
#include "app/redaction.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "seaworthy/controls/secret_patterns.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";

Pattern configured_exclusion(const config::Config& config)
{
    for (const auto& [id, check] : config.settings.checks) {
        const auto found = check.parameters.values.find("valueExclude");
        if (found == check.parameters.values.end()) continue;
        if (const auto* pattern = std::get_if<Pattern>(&found->second)) return *pattern;
    }
    auto nothing = Pattern::compile("^$");
    if (!nothing) throw std::logic_error(nothing.error().message);
    return std::move(*nothing);
}

void redact_map(Json& map, const Pattern& value_exclude)
{
    for (auto& [name, value] : map.items())
        if (value.is_string()) value = controls::redact_named(name, value.get_ref<const std::string&>(), value_exclude);
}

/// command and args are one command line.
void redact_command_line(Json& container, const Pattern& value_exclude)
{
    std::vector<Json*> places;
    std::vector<std::string_view> tokens;
    for (const auto* key : {"command", "args"}) {
        if (!container.contains(key) || !container[key].is_array()) continue;
        for (auto& token : container[key]) {
            if (!token.is_string()) continue;
            places.push_back(&token);
            tokens.push_back(token.get_ref<const std::string&>());
        }
    }
    const auto redacted = controls::redact_arguments(tokens, value_exclude);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = redacted[i];
}

} // namespace

Redaction::Redaction(const config::Config& config) : m_value_exclude(configured_exclusion(config)) {}

void Redaction::apply(Json& object) const
{
    if (object.contains("metadata") && object["metadata"].is_object()) {
        auto& metadata = object["metadata"];
        metadata.erase("managedFields");
        if (metadata.contains("annotations") && metadata["annotations"].is_object()) metadata["annotations"].erase(k_last_applied);
    }
    if (object.value("kind", "") == "ConfigMap" && object.contains("data") && object["data"].is_object()) redact_map(object["data"], m_value_exclude);
    walk(object);
}

void Redaction::walk(Json& node) const
{
    if (node.is_object()) {
        redact_container(node);
        for (auto& [key, value] : node.items()) {
            if (value.is_structured()) {
                walk(value);
            } else if (value.is_string() && key != "name" && key != "uid") {
                value = controls::redact(value.get_ref<const std::string&>());
            }
        }
    } else if (node.is_array()) {
        for (auto& item : node) {
            if (item.is_structured()) {
                walk(item);
            } else if (item.is_string()) {
                item = controls::redact(item.get_ref<const std::string&>());
            }
        }
    }
}

void Redaction::redact_container(Json& container) const
{
    if (container.contains("env") && container["env"].is_array())
        for (auto& variable : container["env"])
            if (variable.is_object() && variable.contains("value") && variable["value"].is_string())
                variable["value"] = controls::redact_named(variable.value("name", ""), variable["value"].get_ref<const std::string&>(), m_value_exclude);
    if (container.contains("command") || container.contains("args")) redact_command_line(container, m_value_exclude);
}

} // namespace seaworthy::app

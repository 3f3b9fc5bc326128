// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "config/sections.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

using check::Check;
using check::Parameter;
using check::ParameterValue;

std::optional<ParameterValue> read_parameter(Reader& reader, const Node& node, const std::string& key, const Parameter& parameter)
{
    const auto wrap = [](auto&& value) -> std::optional<ParameterValue> {
        if (!value) return std::nullopt;
        return ParameterValue{std::move(*value)};
    };
    if (node.is_null()) return ParameterValue{}; // unset on purpose
    switch (parameter.type) {
    case Parameter::Type::flag: return wrap(reader.flag(node, key));
    case Parameter::Type::number: return wrap(reader.number(node, key));
    case Parameter::Type::text: return wrap(reader.text(node, key));
    case Parameter::Type::list: return wrap(reader.texts(node, key));
    case Parameter::Type::duration: return wrap(reader.duration(node, key));
    case Parameter::Type::pattern: return wrap(reader.pattern(node, key));
    case Parameter::Type::records: return wrap(reader.records(node, key));
    }
    return std::nullopt;
}

/// Parameters that may stand in a map, by name, each with whom it is for. More than one target: `controls.shared`.
struct Target {
    const Parameter* parameter;
    check::CheckSettings* settings;
};
using Targets = std::multimap<std::string_view, Target, std::less<>>;

/// A dot in a parameter's name is a level of the file. `own_keys`: keys of the map's first level that are no parameters.
void read_parameters(Reader& reader, const Node& node, const std::string& place, const std::string& below, const Targets& targets,
                     std::span<const std::string_view> own_keys = {})
{
    for (const auto& entry : node.entries) {
        if (std::ranges::find(own_keys, entry.key) != own_keys.end()) continue;
        const auto name = Reader::join(below, entry.key);
        const auto key = Reader::join(place, name);
        const auto [first, last] = targets.equal_range(name);
        for (auto target = first; target != last; ++target) {
            auto value = read_parameter(reader, *entry.value, key, *target->second.parameter);
            if (!value) break; // one problem is enough for all checks that share it
            target->second.settings->parameters.values.insert_or_assign(name, std::move(*value));
        }
        if (first != last) continue;
        const auto deeper = targets.lower_bound(name + ".");
        if (deeper != targets.end() && deeper->first.starts_with(name + ".")) {
            if (reader.is_map(*entry.value, key)) read_parameters(reader, *entry.value, place, name, targets);
            continue;
        }
        std::vector<std::string_view> known{own_keys.begin(), own_keys.end()};
        for (const auto& [parameter, target] : targets)
            if (below.empty() || parameter.starts_with(below + ".")) known.push_back(below.empty() ? parameter : parameter.substr(below.size() + 1));
        reader.problem(entry.at, key, "unknown parameter" + did_you_mean(entry.key, known));
    }
}

std::vector<std::string_view> check_ids(Catalog catalog)
{
    std::vector<std::string_view> ids;
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            ids.push_back(check.id);
    return ids;
}

const Check* find_check(Catalog catalog, std::string_view id)
{
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            if (check.id == id) return &check;
    return nullptr;
}

/// An id that is not there; one of the other kind gets a word about where it belongs.
std::string unknown_id(Catalog catalog, std::string_view what, std::string_view id, bool wants_check)
{
    const bool is_control = std::ranges::any_of(catalog, [&](const check::Control* control) { return control->id == id; });
    if (wants_check && is_control) return fmt::format("is a control, not a check; see `seaworthy controls explain {}` for its checks", id);
    if (!wants_check && find_check(catalog, id) != nullptr) return "is a check, not a control";
    std::vector<std::string_view> ids;
    if (wants_check) {
        ids = check_ids(catalog);
    } else {
        for (const auto* control : catalog)
            ids.push_back(control->id);
    }
    return fmt::format("unknown {}{}", what, did_you_mean(id, ids));
}

void read_check(Loading& loading, const Check& check, const Node& node, const std::string& key)
{
    constexpr std::string_view own_keys[] = {"enabled", "severity"};
    if (!loading.reader.is_map(node, key)) return;
    auto& settings = loading.config.settings.checks[std::string{check.id}];
    if (const auto* enabled = node.find("enabled"); enabled != nullptr && !enabled->is_null())
        if (const auto value = loading.reader.flag(*enabled, key + ".enabled")) settings.enabled = *value;
    if (const auto* severity = node.find("severity"); severity != nullptr && !severity->is_null()) {
        const auto value = check::parse_severity(severity->text);
        if (!value) {
            constexpr std::string_view names[] = {"critical", "high", "medium", "low", "info"};
            loading.reader.problem(severity->at, key + ".severity",
                                   fmt::format("is none of {}{}", fmt::join(names, ", "), did_you_mean(severity->text, names)));
        } else if (*value != check.severity) { // the base severity is no change
            settings.severity = *value;
        }
    }
    Targets targets;
    for (const auto& parameter : check.parameters)
        targets.emplace(parameter.name, Target{&parameter, &settings});
    read_parameters(loading.reader, node, key, {}, targets, own_keys);
}

} // namespace

void read_weights(Loading& loading, const Node& node, const std::string& path)
{
    constexpr double heaviest = 100;
    if (!loading.reader.is_map(node, path)) return;
    for (const auto& entry : node.entries) {
        const auto key = Reader::join(path, entry.key);
        const auto control = std::ranges::find(loading.catalog, entry.key, &check::Control::id);
        if (control == loading.catalog.end()) {
            loading.reader.problem(entry.at, key, unknown_id(loading.catalog, "control", entry.key, false));
            continue;
        }
        const auto weight = loading.reader.number(*entry.value, key);
        if (!weight) continue;
        if (*weight < 0 || *weight > heaviest) {
            loading.reader.problem(entry.value->at, key, fmt::format("must be between 0 and {}", heaviest));
        } else if (*weight != (*control)->weight) {
            loading.config.settings.control_weights[entry.key] = *weight;
        }
    }
}

void read_shared(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_map(node, path)) return;
    Targets targets;
    for (const auto* control : loading.catalog)
        for (const auto& check : control->checks)
            for (const auto& parameter : check.parameters)
                targets.emplace(parameter.name, Target{&parameter, &loading.config.settings.checks[std::string{check.id}]});
    read_parameters(loading.reader, node, path, {}, targets);
}

void read_checks(Loading& loading, const Node& node, const std::string& path)
{
    if (!loading.reader.is_map(node, path)) return;
    for (const auto& entry : node.entries) {
        const auto key = Reader::join(path, entry.key);
        if (const auto* check = find_check(loading.catalog, entry.key)) {
            read_check(loading, *check, *entry.value, key);
        } else {
            loading.reader.problem(entry.at, key, unknown_id(loading.catalog, "check", entry.key, true));
        }
    }
}

} // namespace seaworthy::config

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/settings.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "check/records.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::check {
namespace {

template <typename T>
const T& value_as(const Parameters& parameters, std::string_view name)
{
    const auto at = parameters.values.find(name);
    if (at == parameters.values.end()) throw std::logic_error(fmt::format("the check declares no parameter '{}'", name));
    const T* value = std::get_if<T>(&at->second);
    if (value == nullptr) throw std::logic_error(fmt::format("parameter '{}' is unset or of another type", name));
    return *value;
}

std::string unquoted(std::string_view text)
{
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
        return std::string{text.substr(1, text.size() - 2)};
    return std::string{text};
}

Failure wrong(const Parameter& parameter, std::string_view text, std::string_view wanted)
{
    return failure(Error::Kind::usage, fmt::format("{}: '{}' is not {}", parameter.name, text, wanted));
}

Result<ParameterValue> parse_list(const Parameter& parameter, std::string_view text)
{
    if (!text.starts_with('[') || !text.ends_with(']')) return wrong(parameter, text, "a list like [a, b]");
    std::vector<std::string> items;
    for (const auto item : split_list(text.substr(1, text.size() - 2)))
        items.push_back(unquoted(item));
    return ParameterValue{std::move(items)};
}

} // namespace

bool Parameters::is_set(std::string_view name) const
{
    const auto at = values.find(name);
    if (at == values.end()) throw std::logic_error(fmt::format("the check declares no parameter '{}'", name));
    return !std::holds_alternative<std::monostate>(at->second);
}
bool Parameters::flag(std::string_view name) const
{
    return value_as<bool>(*this, name);
}
double Parameters::number(std::string_view name) const
{
    return value_as<double>(*this, name);
}
const std::string& Parameters::text(std::string_view name) const
{
    return value_as<std::string>(*this, name);
}
const std::vector<std::string>& Parameters::list(std::string_view name) const
{
    return value_as<std::vector<std::string>>(*this, name);
}
seconds Parameters::duration(std::string_view name) const
{
    return std::chrono::duration_cast<seconds>(value_as<std::chrono::milliseconds>(*this, name));
}
const Pattern& Parameters::pattern(std::string_view name) const
{
    return value_as<Pattern>(*this, name);
}
const std::vector<Record>& Parameters::records(std::string_view name) const
{
    return value_as<std::vector<Record>>(*this, name);
}

const CheckSettings& Settings::of(std::string_view check) const
{
    const auto at = checks.find(check);
    if (at == checks.end()) throw std::logic_error(fmt::format("no settings for check '{}'", check));
    return at->second;
}

Result<ParameterValue> parse_parameter(const Parameter& parameter, std::string_view text)
{
    using Type = Parameter::Type;
    if (text.empty()) return ParameterValue{};
    switch (parameter.type) {
    case Type::flag:
        if (text != "true" && text != "false") return wrong(parameter, text, "true or false");
        return ParameterValue{text == "true"};
    case Type::number: {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size()) return wrong(parameter, text, "a number");
        return ParameterValue{number};
    }
    case Type::text: return ParameterValue{unquoted(text)};
    case Type::list: return parse_list(parameter, text);
    case Type::duration: {
        const auto duration = parse_duration(text);
        if (!duration) return wrong(parameter, text, "a duration like 90s, 1h30m or 14d");
        return ParameterValue{*duration};
    }
    case Type::pattern: {
        auto pattern = Pattern::compile(unquoted(text));
        if (!pattern) return tl::make_unexpected(std::move(pattern).error());
        return ParameterValue{std::move(*pattern)};
    }
    case Type::records: {
        auto records = parse_records(text);
        if (!records) return wrong(parameter, text, "a map or a list of maps");
        return ParameterValue{std::move(*records)};
    }
    }
    return wrong(parameter, text, "understood");
}

Settings default_settings(std::span<const Control* const> catalog)
{
    Settings settings;
    for (const Control* control : catalog) {
        for (const Check& check : control->checks) {
            CheckSettings& row = settings.checks[std::string{check.id}];
            row.enabled = check.enabled;
            for (const Parameter& parameter : check.parameters) {
                auto value = parse_parameter(parameter, parameter.fallback);
                if (!value) throw std::logic_error(fmt::format("{}: {}", check.id, value.error().message));
                row.parameters.values.emplace(parameter.name, std::move(*value));
            }
        }
    }
    return settings;
}

} // namespace seaworthy::check

// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include <nlohmann/json.hpp>

#include "app/control_pages.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::ordered_json;

/// A parameter's default as the JSON value that the configuration would hold; unset: null.
Json default_value(const check::Parameter& parameter)
{
    using Type = check::Parameter::Type;
    const auto value = check::parse_parameter(parameter, parameter.fallback);
    if (!value || parameter.fallback.empty()) return nullptr;
    switch (parameter.type) {
    case Type::flag: return std::get<bool>(*value);
    case Type::number: {
        const double number = std::get<double>(*value);
        const auto whole = static_cast<std::int64_t>(number);
        if (static_cast<double>(whole) == number) return whole; // 250, not 250.0
        return number;
    }
    case Type::list: return std::get<std::vector<std::string>>(*value);
    case Type::records: return Json::array();
    case Type::text: return std::get<std::string>(*value);
    case Type::duration:
    case Type::pattern: break;
    }
    return std::string{parameter.fallback};
}

Json check_json(const check::Check& check)
{
    auto grants = Json::array();
    for (const auto grant : check::split_list(check.grants))
        grants.push_back(grant);
    auto params = Json::object();
    for (const auto& parameter : check.parameters)
        params[std::string{parameter.name}] = default_value(parameter);
    return {{"id", check.id},
            {"title", check.title},
            {"scope", check::name(check.scope)},
            {"severity", check::name(check.severity)},
            {"default", check.enabled ? "on" : "off"},
            {"needs", check::expand_needs(check.needs)},
            {"grants", std::move(grants)},
            {"params", std::move(params)}};
}

} // namespace

std::string controls_json(Catalog catalog)
{
    auto document = Json::array();
    for (const auto* control : catalog) {
        auto checks = Json::array();
        for (const auto& check : control->checks)
            checks.push_back(check_json(check));
        document.push_back({{"id", control->id},
                            {"step", control->step > 0 ? Json(control->step) : Json(nullptr)},
                            {"title", control->title},
                            {"weight", control->weight},
                            {"checks", std::move(checks)}});
    }
    return document.dump(2) + "\n";
}

} // namespace seaworthy::app

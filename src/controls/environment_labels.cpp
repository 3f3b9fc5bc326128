// SPDX-License-Identifier: Apache-2.0
#include "controls/environment_labels.hpp"

#include <algorithm>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {} // namespace

std::string canonical_environment(std::string_view value, const std::vector<std::string>& prod_values)
{
    auto name = to_lower(value);
    if (std::ranges::any_of(prod_values, [&](const auto& prod) { return to_lower(prod) == name; })) return std::string{k_production};
    if (name == "development") return "dev";
    if (name == "stage" || name == "stg") return "staging";
    if (name == "testing") return "test";
    return name;
}

std::string environment_of(const model::StringMap& labels, const check::Context& context)
{
    for (const auto& key : context.parameters.list("envLabelKeys"))
        if (const auto value = labels.get(key); !value.empty()) return canonical_environment(value, context.parameters.list("prodValues"));
    return {};
}

std::string environment_of_namespace(std::string_view ns, const check::Context& context)
{
    const auto* object = context.index.find_namespace(ns);
    return object == nullptr ? std::string{} : environment_of(object->meta.labels, context);
}

bool is_platform_namespace(std::string_view ns, const check::Context& context)
{
    return glob_match_any(context.parameters.list("platformNamespaces"), ns) || glob_match_any(context.settings.platform_namespaces, ns);
}

} // namespace seaworthy::controls

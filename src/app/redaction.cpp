// SPDX-License-Identifier: Apache-2.0
#include "app/redaction.hpp"

#include <stdexcept>
#include <variant>

#include "seaworthy/controls/secret_patterns.hpp"

namespace seaworthy::app {

namespace {

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

} // namespace

kube::Redaction redaction_of(const config::Config& config)
{
    const auto exclude = configured_exclusion(config);
    return {[](std::string_view text) { return controls::redact(text); },
            [exclude](std::string_view name, std::string_view value) { return controls::redact_named(name, value, exclude); },
            [exclude](std::span<const std::string_view> tokens) { return controls::redact_arguments(tokens, exclude); }};
}

} // namespace seaworthy::app

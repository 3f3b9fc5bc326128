// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "seaworthy/check/check.hpp"
#include "seaworthy/config/load.hpp"

namespace seaworthy::config::test {

using check::Parameter;
using Type = Parameter::Type;

inline constexpr Parameter k_size_parameters[] = {
    {"budgetMiB.compressed", Type::number, "250", "Budget of a compressed image."},
    {"budgetMiB.uncompressed", Type::number, "600", "Budget of an unpacked image."},
    {"allowImages", Type::list, "[nvidia/cuda, \"a b\"]", "Images that may be large."},
    {"privateRegistries", Type::list, "", "Hosts of private registries."},
};
inline constexpr Parameter k_policy_parameters[] = {
    {"required", Type::flag, "true", "Whether it is asked for."},
    {"grace", Type::duration, "20m", "How long it may be missing."},
    {"names", Type::pattern, "^(a|b)$", "Names that count."},
    {"tenancy", Type::text, "single", "single or multi."},
    {"privateRegistries", Type::list, "", "Hosts of private registries."},
    {"exceptions", Type::records, "[]", "Whom to leave out."},
};
inline const check::Check k_image_checks[] = {
    {.id = "image-size-over-budget", .title = "Image is too large", .severity = check::Severity::medium, .parameters = k_size_parameters},
};
inline const check::Check k_policy_checks[] = {
    {.id = "netpol-default-deny", .title = "No default deny", .severity = check::Severity::high, .parameters = k_policy_parameters},
    {.id = "netpol-egress", .title = "No egress rule", .severity = check::Severity::low, .enabled = false},
};
inline const check::Control k_images{.id = "minimal-base-images", .step = 1, .title = "Small images", .checks = k_image_checks};
inline const check::Control k_policies{.id = "network-policies", .step = 9, .title = "Network policies", .weight = 0.5, .checks = k_policy_checks};
inline const std::array<const check::Control*, 2> k_catalog{&k_images, &k_policies};

inline const Timestamp k_now = parse_rfc3339("2026-11-22T04:00:00Z");

inline tl::expected<Config, Problems> load(std::string_view text)
{
    return load_text(text, {.name = "config.yaml", .now = k_now}, k_catalog);
}

/// The problems of a text that must not load, as people read them.
inline std::string problems(std::string_view text)
{
    const auto loaded = load(text);
    return loaded ? "(it loaded)" : format(loaded.error());
}

inline Config loaded(std::string_view text)
{
    auto config = load(text);
    if (!config) throw std::runtime_error(format(config.error()));
    return std::move(*config);
}

} // namespace seaworthy::config::test

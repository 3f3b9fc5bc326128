// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/controls/catalog.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "control_list.hpp"

namespace seaworthy::controls {

namespace {

constexpr std::array k_catalog{
    &k_minimal_base_images,
    &k_registry_availability,
    &k_image_pull_secrets,
    &k_namespaces,
    &k_labels,
    &k_annotations,
    &k_rbac,
    &k_policy_engine,
    &k_network_policies,
    &k_secrets,
    &k_image_scanning,
    &k_continuous_delivery,
    &k_progressive_delivery,
    &k_monitoring,
    &k_service_mesh,
    &k_admission_controllers,
    &k_oidc,
    &k_pull_cache,
    &k_secrets_management,
};
static_assert(k_catalog.size() == 19);

struct Place {
    const check::Control* control = nullptr;
    const check::Check* check = nullptr;
};

const std::unordered_map<std::string_view, Place>& places()
{
    static const auto map = [] {
        std::unordered_map<std::string_view, Place> result;
        for (const auto* control : k_catalog)
            for (const auto& check : control->checks)
                result.emplace(check.id, Place{control, &check});
        return result;
    }();
    return map;
}

} // namespace

std::span<const check::Control* const> catalog()
{
    return k_catalog;
}

const check::Control* find_control(std::string_view id)
{
    const auto found = std::ranges::find(k_catalog, id, &check::Control::id);
    return found == k_catalog.end() ? nullptr : *found;
}

const check::Check* find_check(std::string_view id)
{
    const auto found = places().find(id);
    return found == places().end() ? nullptr : found->second.check;
}

const check::Control* control_of(const check::Check& check)
{
    const auto found = places().find(check.id);
    return found == places().end() ? nullptr : found->second.control;
}

std::size_t index_of(const check::Control& control)
{
    return static_cast<std::size_t>(std::ranges::find(k_catalog, &control) - k_catalog.begin());
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/settings.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::engine {

inline constexpr check::Fields k_tenant_fields{"tenants.capsule.clastix.io", "status.namespaces, status.state"};

/// A namespace's tenant, and what becomes of that one: "Cordoned" (Capsule lets nothing new in), "Terminating", or empty.
struct Tenant {
    std::string name;
    std::string_view state;
};

/// Which tenant each namespace belongs to (C18). A Capsule label counts only where the Tenant object exists, since anybody who may
/// label a namespace could forge it; the configured label is the operator's own word.
[[nodiscard]] std::unordered_map<std::string_view, Tenant> tenants_of_namespaces(const model::Inventory& inventory, const check::Settings& settings);

} // namespace seaworthy::engine

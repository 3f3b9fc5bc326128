// SPDX-License-Identifier: Apache-2.0
#include "engine/tenants.hpp"

#include <set>

namespace seaworthy::engine {
namespace {

std::string tenant_of(const model::Namespace& ns, const std::set<std::string_view>& known)
{
    for (const std::string_view label : {"capsule.clastix.io/tenant", "projectcapsule.dev/tenant"})
        if (const auto name = ns.meta.labels.get(label); known.contains(name)) return std::string{name};
    return {};
}

} // namespace

std::unordered_map<std::string_view, std::string> tenants_of_namespaces(const model::Inventory& inventory, const check::Settings& settings)
{
    std::set<std::string_view> known;
    std::unordered_map<std::string_view, std::string> by_status;
    for (const auto& tenant : inventory.documents_of(k_capsule_tenants)) {
        known.insert(tenant.meta.name.view());
        for (const auto& name : tenant.at("status.namespaces").items())
            by_status.emplace(name.text(), tenant.meta.name.str());
    }
    std::unordered_map<std::string_view, std::string> tenants;
    for (const auto& ns : inventory.namespaces) {
        std::string tenant = tenant_of(ns, known);
        if (const auto at = by_status.find(ns.meta.name.view()); tenant.empty() && at != by_status.end()) tenant = at->second;
        const auto owner = ns.meta.controller;
        if (tenant.empty() && owner != nullptr && owner->kind == "Tenant" && known.contains(owner->name.view())) tenant = owner->name.str();
        if (tenant.empty() && !settings.tenant_label.empty()) tenant = ns.meta.labels.get(settings.tenant_label);
        if (!tenant.empty()) tenants.emplace(ns.meta.name.view(), std::move(tenant));
    }
    return tenants;
}

} // namespace seaworthy::engine

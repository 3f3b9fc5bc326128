// SPDX-License-Identifier: Apache-2.0
#include "engine/tenants.hpp"

#include <map>

namespace seaworthy::engine {
namespace {

using States = std::map<std::string_view, std::string_view>;

std::string tenant_of(const model::Namespace& ns, const States& known)
{
    for (const std::string_view label : {"capsule.clastix.io/tenant", "projectcapsule.dev/tenant"})
        if (const auto name = ns.meta.labels.get(label); known.contains(name)) return std::string{name};
    return {};
}

std::string_view state_of(const model::Document& tenant)
{
    if (tenant.meta.deleted.known()) return "Terminating";
    return tenant.at("status.state").text() == "Cordoned" ? "Cordoned" : "";
}

} // namespace

std::unordered_map<std::string_view, Tenant> tenants_of_namespaces(const model::Inventory& inventory, const check::Settings& settings)
{
    States known;
    std::unordered_map<std::string_view, std::string> by_status;
    for (const auto& tenant : inventory.documents_of(k_tenant_fields.resource)) {
        known.emplace(tenant.meta.name.view(), state_of(tenant));
        for (const auto& name : tenant.at("status.namespaces").items())
            by_status.emplace(name.text(), tenant.meta.name.str());
    }
    std::unordered_map<std::string_view, Tenant> tenants;
    for (const auto& ns : inventory.namespaces) {
        std::string name = tenant_of(ns, known);
        if (const auto at = by_status.find(ns.meta.name.view()); name.empty() && at != by_status.end()) name = at->second;
        const auto owner = ns.meta.controller;
        if (name.empty() && owner != nullptr && owner->kind == "Tenant" && known.contains(owner->name.view())) name = owner->name.str();
        const bool of_capsule = !name.empty();
        if (name.empty() && !settings.tenant_label.empty()) name = ns.meta.labels.get(settings.tenant_label);
        if (name.empty()) continue;
        const auto state = of_capsule ? known.at(name) : std::string_view{};
        tenants.emplace(ns.meta.name.view(), Tenant{std::move(name), state});
    }
    return tenants;
}

} // namespace seaworthy::engine

// SPDX-License-Identifier: Apache-2.0
#include "cases/hiding.hpp"

#include <algorithm>

#include "seaworthy/model/resource.hpp"

namespace cases {

using namespace seaworthy::model;

namespace {

bool is_kind(WorkloadKind kind, std::string_view resource)
{
    const auto* builtin = find_builtin_resource(resource);
    return builtin != nullptr && builtin->kind == kind_name(kind);
}

} // namespace

void hide(Inventory& inventory, std::string_view resource, std::string_view ns)
{
    const auto here = [&](const ObjectMeta& meta) { return ns == "*" || meta.ns == ns; };
    const auto erase = [&](std::string_view id, auto& objects) {
        if (id == resource) std::erase_if(objects, [&](const auto& object) { return here(object.meta); });
    };
    erase("namespaces", inventory.namespaces);
    erase("nodes", inventory.nodes);
    erase("pods", inventory.pods);
    erase("services", inventory.services);
    erase("endpointslices.discovery.k8s.io", inventory.endpoint_slices);
    erase("networkpolicies.networking.k8s.io", inventory.network_policies);
    erase("serviceaccounts", inventory.service_accounts);
    erase("events", inventory.events);
    std::erase_if(inventory.workloads, [&](const WorkloadObject& object) { return is_kind(object.kind, resource) && here(object.meta); });
    std::erase_if(inventory.owned_controllers, [&](const OwnedController& owned) { return is_kind(owned.kind, resource) && here(owned.meta); });
    std::erase_if(inventory.roles, [&](const Role& role) {
        return resource == (role.is_cluster_role() ? "clusterroles.rbac.authorization.k8s.io" : "roles.rbac.authorization.k8s.io") && here(role.meta);
    });
    std::erase_if(inventory.role_bindings, [&](const RoleBinding& binding) {
        return resource ==
                   (binding.is_cluster_binding() ? "clusterrolebindings.rbac.authorization.k8s.io" : "rolebindings.rbac.authorization.k8s.io") &&
               here(binding.meta);
    });
    if (resource == "secrets") std::erase_if(inventory.secrets, [&](const SecretRow& row) { return ns == "*" || row.ns == ns; });
    if (const auto at = inventory.documents.find(resource); at != inventory.documents.end())
        std::erase_if(at->second, [&](const Document& document) { return here(document.meta); });
    inventory.gaps.push_back({std::string{resource}, std::string{ns}, Reason::forbidden, "hidden by the test"});
}

} // namespace cases

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

constexpr std::string_view k_rbac = ".rbac.authorization.k8s.io";

} // namespace

template <typename List, typename IsHidden>
void Hidden::take(List& list, const IsHidden& is_hidden)
{
    if (std::none_of(list.begin(), list.end(), is_hidden)) return;
    m_restore.push_back([&list, whole = list] { list = whole; });
    std::erase_if(list, is_hidden);
}

Hidden::Hidden(Inventory& inventory, std::string_view resource, std::string_view ns)
{
    const auto here = [&](const ObjectMeta& meta) { return ns == "*" || meta.ns == ns; };
    const auto take_all = [&](std::string_view id, auto& list) {
        if (id != resource) return;
        take(list, [&](const auto& object) {
            if constexpr (std::is_same_v<decltype(object), const Pod&>)
                return here(object.meta());
            else
                return here(object.meta);
        });
    };
    take_all("namespaces", inventory.namespaces);
    take_all("nodes", inventory.nodes);
    take_all("pods", inventory.pods);
    take_all("services", inventory.services);
    take_all("endpointslices.discovery.k8s.io", inventory.endpoint_slices);
    take_all("networkpolicies.networking.k8s.io", inventory.network_policies);
    take_all("serviceaccounts", inventory.service_accounts);
    take_all("events", inventory.events);
    take(inventory.workloads, [&](const WorkloadObject& object) { return is_kind(object.kind, resource) && here(object.meta); });
    take(inventory.owned_controllers, [&](const OwnedController& owned) { return is_kind(owned.kind, resource) && here(owned.meta); });
    const auto is_rbac = [&](std::string_view plural) {
        return resource.ends_with(k_rbac) && resource.starts_with(plural) && resource.size() == plural.size() + k_rbac.size();
    };
    take(inventory.roles, [&](const Role& role) { return is_rbac(role.is_cluster_role() ? "clusterroles" : "roles") && here(role.meta); });
    take(inventory.role_bindings, [&](const RoleBinding& binding) {
        return is_rbac(binding.is_cluster_binding() ? "clusterrolebindings" : "rolebindings") && here(binding.meta);
    });
    if (resource == "secrets") take(inventory.secrets, [&](const SecretRow& row) { return ns == "*" || row.ns == ns; });
    if (const auto at = inventory.documents.find(resource); at != inventory.documents.end())
        take(at->second, [&](const Document& document) { return here(document.meta); });
    m_restore.push_back([&gaps = inventory.gaps] { gaps.pop_back(); });
    inventory.gaps.push_back({std::string{resource}, std::string{ns}, Reason::forbidden, "hidden by the test"});
}

Hidden::~Hidden()
{
    for (const auto& restore : m_restore)
        restore();
}

} // namespace cases

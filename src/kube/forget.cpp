// SPDX-License-Identifier: Apache-2.0
#include "kube/forget.hpp"

#include <algorithm>

#include "seaworthy/model/resource.hpp"

namespace seaworthy::kube {
namespace {

Text namespace_of(const model::Pod& pod)
{
    return pod.ns();
}
template <typename T>
Text namespace_of(const T& object)
{
    return object.meta.ns;
}

template <typename Objects, typename OfResource>
void take_back(Objects& objects, std::string_view ns, OfResource of_resource)
{
    std::erase_if(objects, [&](const auto& object) { return (ns.empty() || namespace_of(object) == ns) && of_resource(object); });
}

template <typename Objects>
void take_back(Objects& objects, std::string_view ns)
{
    take_back(objects, ns, [](const auto&) { return true; });
}

} // namespace

void forget(model::Inventory& inventory, std::string_view resource, std::string_view ns)
{
    std::erase_if(inventory.gaps, [&](const model::Gap& gap) { return gap.resource == resource && (ns.empty() || gap.ns == ns); });

    const model::Resource* built_in = model::find_builtin_resource(resource);
    const std::string_view kind = built_in != nullptr ? built_in->kind : std::string_view{};
    if (resource == "pods") return take_back(inventory.pods, ns);
    if (resource == "namespaces") return take_back(inventory.namespaces, ns);
    if (resource == "nodes") return take_back(inventory.nodes, ns);
    if (resource == "services") return take_back(inventory.services, ns);
    if (resource == "endpointslices.discovery.k8s.io") return take_back(inventory.endpoint_slices, ns);
    if (resource == "networkpolicies.networking.k8s.io") return take_back(inventory.network_policies, ns);
    if (resource == "serviceaccounts") return take_back(inventory.service_accounts, ns);
    if (resource == "events") return take_back(inventory.events, ns);
    if (resource == "secrets") {
        std::erase_if(inventory.secrets, [&](const model::SecretRow& row) { return ns.empty() || row.ns == ns; });
        return;
    }
    const auto is_role = [&](const model::Role& role) { return role.is_cluster_role() == (kind == "ClusterRole"); };
    if (kind == "Role" || kind == "ClusterRole") return take_back(inventory.roles, ns, is_role);
    const auto is_binding = [&](const model::RoleBinding& binding) { return binding.is_cluster_binding() == (kind == "ClusterRoleBinding"); };
    if (kind == "RoleBinding" || kind == "ClusterRoleBinding") return take_back(inventory.role_bindings, ns, is_binding);

    const auto is_kind = [&](const auto& workload) { return model::kind_name(workload.kind) == kind; };
    take_back(inventory.workloads, ns, is_kind);
    take_back(inventory.owned_controllers, ns, is_kind);
    if (const auto documents = inventory.documents.find(resource); documents != inventory.documents.end()) take_back(documents->second, ns);
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#include "controls/resource_boundaries.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace seaworthy::controls {

namespace {

using check::Context;
using model::Value;

constexpr std::string_view k_rancher_quota = "field.cattle.io/resourceQuota";
constexpr std::string_view k_hnc_depth = ".tree.hnc.x-k8s.io/depth";

bool is_compute(std::string_view key)
{
    static constexpr std::string_view k_keys[] = {"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"};
    return std::ranges::find(k_keys, key) != std::end(k_keys);
}

Boundary::Kind kind_of(const Value& hard)
{
    if (std::ranges::any_of(hard.members(), [](const auto& member) { return is_compute(member.key); })) return Boundary::Kind::compute;
    return hard.size() > 0 ? Boundary::Kind::other : Boundary::Kind::none;
}

/// Keeps the strongest boundary; of equals the first.
class Strongest {
public:
    void add(Boundary::Kind kind, std::string source)
    {
        if (kind > m_boundary.kind) m_boundary = {kind, std::move(source)};
    }
    [[nodiscard]] Boundary take() { return std::move(m_boundary); }

private:
    Boundary m_boundary;
};

/// `namespaces` of a status, as a list of names or of `{namespace: name}`.
bool lists_namespace(const Value& namespaces, std::string_view ns)
{
    return std::ranges::any_of(namespaces.items(), [&](const Value& item) { return item.text() == ns || item["namespace"].text() == ns; });
}

void add_tenant_quotas(const model::Namespace& ns, const Context& context, Strongest& found)
{
    for (const auto& tenant : context.inventory.documents_of("tenants.capsule.clastix.io")) {
        const auto& labels = ns.meta.labels;
        const bool member = lists_namespace(tenant.at("status.namespaces"), ns.meta.name) ||
                            labels.is("capsule.clastix.io/tenant", tenant.meta.name) || labels.is("projectcapsule.dev/tenant", tenant.meta.name);
        if (!member) continue;
        for (const auto& quota : tenant.at("spec.resourceQuotas.items").items())
            found.add(kind_of(quota["hard"]), "Tenant/" + tenant.meta.name.str());
        if (tenant.at("spec.limitRanges.items").size() > 0) found.add(Boundary::Kind::other, "Tenant/" + tenant.meta.name.str());
    }
}

/// HNC labels a namespace with each of its ancestors; a quota of one holds for the whole tree below it.
void add_hierarchical_quotas(const model::Namespace& ns, const Context& context, Strongest& found)
{
    for (const auto& quota : context.inventory.documents_of("hierarchicalresourcequotas.hnc.x-k8s.io")) {
        const bool covers = quota.meta.ns == ns.meta.name || ns.meta.labels.has(quota.meta.ns.str() + std::string{k_hnc_depth});
        if (covers) found.add(kind_of(quota.at("spec.hard")), "HierarchicalResourceQuota/" + quota.meta.name.str());
    }
}

} // namespace

Boundary find_boundary(const model::Namespace& ns, const Context& context)
{
    Strongest found;
    for (const auto* quota : context.index.documents_in("resourcequotas", ns.meta.name))
        if (quota->meta.name != "gke-resource-quotas") found.add(kind_of(quota->at("spec.hard")), "ResourceQuota/" + quota->meta.name.str());
    for (const auto& quota : context.inventory.documents_of("clusterresourcequotas.quota.openshift.io"))
        if (lists_namespace(quota.at("status.namespaces"), ns.meta.name))
            found.add(kind_of(quota.at("spec.quota.hard")), "ClusterResourceQuota/" + quota.meta.name.str());
    add_hierarchical_quotas(ns, context, found);
    add_tenant_quotas(ns, context, found);
    if (!ns.meta.annotations.get(k_rancher_quota).empty())
        found.add(Boundary::Kind::compute, fmt::format("Rancher's project quota (annotation {})", k_rancher_quota));
    for (const auto* range : context.index.documents_in("limitranges", ns.meta.name))
        found.add(Boundary::Kind::other, "LimitRange/" + range->meta.name.str());
    return found.take();
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "engine/tenants.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::engine {
namespace {

/// Labels of Secrets that rules ask for by selector, since a Table row shows none: each costs a list of its own in each namespace.
struct SecretLabel {
    std::string_view check;
    std::string_view label;
};
constexpr SecretLabel k_secret_labels[] = {
    {"secret-legacy-sa-token", "kubernetes.io/legacy-token-last-used"},
    {"secret-legacy-sa-token", "kubernetes.io/legacy-token-invalid-since"},
    {"secret-unused", "argocd.argoproj.io/secret-type"},
    {"secret-unused", "app.kubernetes.io/part-of=argocd"},
    {"secret-unused", "sealedsecrets.bitnami.com/sealed-secrets-key"},
    {"extsecrets-manual-secret", "app.kubernetes.io/managed-by=Helm"},
    {"extsecrets-manual-secret", "reconcile.external-secrets.io/managed"},
    {"extsecrets-manual-secret", "secrets.hashicorp.com/vso-ownerRefUID"},
    {"extsecrets-manual-secret", "controller.cert-manager.io/fao"},
    {"extsecrets-manual-secret", "kustomize.toolkit.fluxcd.io/name"},
    {"extsecrets-manual-secret", "secrets-store.csi.k8s.io/managed"},
};

class Planner {
public:
    Planner(const check::Settings& settings, Grants grants) : m_settings(settings), m_grants(grants) {}

    void add(const check::Check& check)
    {
        for (const auto& need : check::expand_needs(check.needs)) {
            if (need.starts_with("configmap:")) {
                if (granted("CM")) add_config_maps(check, std::string_view{need}.substr(10));
            } else if (need.starts_with("selfsubject")) {
                m_plan.self_reviews = true;
            } else if (need.starts_with("apiserver:")) {
                if (granted("ME") || need != "apiserver:/metrics") m_plan.probes.push_back(need);
            } else if (need.find(':') == std::string::npos && need != "node-probe") {
                const auto grant = model::grant_of(need);
                if (!model::is_optional_grant(grant) || granted(grant)) m_fields[need];
            }
        }
        for (const auto& row : check.fields) {
            const auto at = m_fields.find(row.resource);
            if (at == m_fields.end()) continue;
            for (const auto path : check::split_list(row.paths))
                at->second.emplace(path);
        }
    }

    model::ReadPlan finish()
    {
        auto& tenant_fields = m_fields[std::string{k_tenant_fields.resource}];
        for (const auto path : check::split_list(k_tenant_fields.paths))
            tenant_fields.emplace(path);
        m_fields["namespaces"];
        for (const auto& row : k_secret_labels)
            if (m_fields.contains("secrets") && m_settings.of(row.check).enabled) m_plan.secret_labels.emplace_back(row.label);
        m_plan.config_maps.assign(m_config_maps.begin(), m_config_maps.end());
        for (const auto& [resource, fields] : m_fields)
            m_plan.lists.push_back({resource, {fields.begin(), fields.end()}});
        // In the order of the resource table: the longest lists start first.
        const auto position = [](const std::string& id) {
            const auto* resource = model::find_builtin_resource(id);
            return resource != nullptr ? resource - model::builtin_resources().data()
                                       : static_cast<std::ptrdiff_t>(model::builtin_resources().size());
        };
        std::stable_sort(m_plan.lists.begin(), m_plan.lists.end(),
                         [&](const auto& a, const auto& b) { return position(a.resource) < position(b.resource); });
        std::sort(m_plan.probes.begin(), m_plan.probes.end());
        m_plan.probes.erase(std::unique(m_plan.probes.begin(), m_plan.probes.end()), m_plan.probes.end());
        return std::move(m_plan);
    }

private:
    /// "namespace/name", or a kind whose names the check's parameter `configMaps` gives.
    void add_config_maps(const check::Check& check, std::string_view name)
    {
        if (name.find('/') != std::string_view::npos) {
            m_config_maps.emplace(name);
            return;
        }
        for (const auto& configured : m_settings.of(check.id).parameters.list("configMaps"))
            if (configured.find('/') != std::string::npos) m_config_maps.insert(configured);
    }

    [[nodiscard]] bool granted(std::string_view grant) const { return m_grants == Grants::all || m_settings.grants.contains(grant); }

    const check::Settings& m_settings;
    Grants m_grants;
    model::ReadPlan m_plan;
    std::map<std::string, std::set<std::string>, std::less<>> m_fields;
    std::set<std::string> m_config_maps;
};

} // namespace

model::ReadPlan read_plan(const check::Settings& settings, Grants grants)
{
    Planner planner{settings, grants};
    for (const auto* control : controls::catalog())
        for (const auto& check : control->checks)
            if (settings.of(check.id).enabled) planner.add(check);
    return planner.finish();
}

} // namespace seaworthy::engine

// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_use.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "controls/names.hpp"
#include "controls/secret_references.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::SecretRow;
using model::Value;

constexpr std::array<std::string_view, 4> k_types{"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/tls"};
/// Read by controllers that find them by this label: Argo CD's clusters and repositories, sealing keys.
constexpr std::array<std::string_view, 2> k_found_by_label{"argocd.argoproj.io/secret-type", "sealedsecrets.bitnami.com/sealed-secrets-key"};
/// Put there by what keeps a Secret in step with its source.
constexpr std::array<std::string_view, 5> k_managed_labels{
    "reconcile.external-secrets.io/managed", "secrets.hashicorp.com/vso-ownerRefUID", "controller.cert-manager.io/fao",
    "kustomize.toolkit.fluxcd.io/name",      "secrets-store.csi.k8s.io/managed",
};
constexpr std::string_view k_managed_by = "app.kubernetes.io/managed-by";

bool is_judged(const SecretRow& row)
{
    return std::ranges::find(k_types, row.type.view()) != k_types.end();
}

template <std::size_t N>
bool has_one_of(const SecretRow& row, const std::array<std::string_view, N>& labels)
{
    return std::ranges::any_of(labels, [&](std::string_view label) { return row.labels.has(label); });
}

/// Whatever the spec of a custom resource may name a Secret by: `…SecretName`, `…Secret`, and the names in its objects. More than it means,
/// so that a use is rather believed than missed.
void collect_names(const Value& value, std::string_view key, std::set<std::string_view>& names)
{
    for (const auto& item : value.items())
        collect_names(item, key, names);
    for (const auto& member : value.members())
        collect_names(member.value, member.key, names);
    if (value.text().empty()) return;
    const bool names_it = key == "name" || key == "secretName" || key.ends_with("Secret") || key.ends_with("SecretName") || key == "secrets";
    if (names_it) names.insert(value.text());
}

/// Names that custom resources of a namespace give, and those of cluster-scoped ones, which may mean any.
class NamedByResources {
public:
    explicit NamedByResources(const Context& context)
    {
        for (const auto& row : k_secret_use_fields)
            for (const auto& document : context.inventory.documents_of(row.resource)) {
                auto& names = document.meta.ns.empty() ? m_anywhere : m_by_namespace[document.meta.ns.view()];
                collect_names(document.root, {}, names);
                // A Gateway may use certificates of other namespaces, where a ReferenceGrant lets it.
                if (row.resource.starts_with("gateways.")) collect_names(document.root, {}, m_anywhere);
            }
    }

    [[nodiscard]] bool contains(const SecretRow& row) const
    {
        const auto at = m_by_namespace.find(row.ns.view());
        return m_anywhere.contains(row.name.view()) || (at != m_by_namespace.end() && at->second.contains(row.name.view()));
    }

private:
    std::map<std::string_view, std::set<std::string_view>> m_by_namespace;
    std::set<std::string_view> m_anywhere;
};

Verdict judge_use(const SecretRow& row, const SecretNames& used, const NamedByResources& resources, const Context& context)
{
    constexpr std::chrono::hours k_young{24 * 30};
    if (!is_judged(row)) return check::not_applicable("Not of a type that pods and routes name").proven();
    if (has_one_of(row, k_found_by_label)) return check::not_applicable("A controller finds it by its label").proven();
    // Argo CD reads argocd-secret, and what argocd-cm names as `$secret:key`, only where they carry its label.
    if (row.labels.is("app.kubernetes.io/part-of", "argocd")) return check::not_applicable("Argo CD reads the Secrets with its label").proven();
    if (names_object(context.parameters.list("allow"), row.ns, "Secret", row.name)) return check::not_applicable("Allowed by `allow`").proven();
    if (used.contains({row.ns, row.name})) return check::pass("A pod, template or ServiceAccount names it").proven();
    if (resources.contains(row)) return check::pass("A route, issuer, store or monitor names it").proven();
    if (!row.created.at_least(k_young, context.now)) return check::pass("Nobody names it yet, and it is younger than 30 days").proven();
    return check::warn("No workload, ServiceAccount, route, issuer, store or monitor names this Secret").by_absence();
}

} // namespace

void judge_unused_secrets(const Context& context, Results& results)
{
    const auto used = used_secret_names(context);
    const NamedByResources resources{context};
    for (const auto& row : context.inventory.secrets) {
        const ObjectKey key{"v1", "Secret", row.ns.str(), row.name.str(), ""};
        results.add(key, row.ns,
                    context.is_system(row.ns) ? check::not_applicable("not judged in a system namespace").proven()
                                              : judge_use(row, used, resources, context));
    }
}

Verdict judge_manual_secret(const SecretRow& row, const Context& context)
{
    if (!is_judged(row)) return check::not_applicable("Not of a type that people write").proven();
    if (names_object(context.parameters.list("allow"), row.ns, "Secret", row.name)) return check::not_applicable("Allowed by `allow`").proven();
    if (has_one_of(row, k_managed_labels)) return check::pass("An operator keeps it in step with its source").proven();
    if (row.labels.is(k_managed_by, "Helm")) return check::warn("Helm wrote it from values: whoever has those has the secret");
    return check::warn("No label says that an operator made it: it was written by hand");
}

} // namespace seaworthy::controls

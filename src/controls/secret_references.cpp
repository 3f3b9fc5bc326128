// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_references.hpp"

#include <algorithm>
#include <unordered_set>

namespace seaworthy::controls {
namespace {

using check::Context;

/// Calls `visit(ns, spec)` for each distinct spec of a namespace, of pods and templates.
template <typename Visit>
void for_each_spec(const Context& context, Visit visit)
{
    for (const auto& workload : context.index.workloads()) {
        std::unordered_set<const model::PodSpec*> seen;
        const auto look = [&](const model::PodSpec* spec) {
            if (spec != nullptr && seen.insert(spec).second) visit(workload.ns.view(), *spec);
        };
        for (const auto* pod_template : workload.templates)
            look(pod_template->spec);
        for (const auto* pod : workload.pods)
            look(pod->spec());
    }
}

void add_pull_secrets(SecretNames& names, std::string_view ns, const model::PodSpec& spec)
{
    for (const auto& name : spec.image_pull_secrets)
        names.emplace(ns, name);
}

} // namespace

bool holds_secret(const model::Volume& volume)
{
    return volume.kind == model::Volume::Kind::secret ||
           std::ranges::any_of(volume.sources, [](const auto& source) { return source.kind == model::ProjectedSource::Kind::secret; });
}

bool is_secrets_store(const model::Volume& volume)
{
    return volume.kind == model::Volume::Kind::csi &&
           (volume.source == "secrets-store.csi.k8s.io" || volume.source == "secrets-store-gke.csi.k8s.io");
}

SecretNames pull_secret_names(const Context& context)
{
    SecretNames names;
    for_each_spec(context, [&](std::string_view ns, const model::PodSpec& spec) { add_pull_secrets(names, ns, spec); });
    for (const auto& account : context.inventory.service_accounts)
        for (const auto& name : account.image_pull_secrets)
            names.emplace(account.meta.ns, name);
    return names;
}

SecretNames used_secret_names(const Context& context)
{
    SecretNames names = pull_secret_names(context);
    for_each_spec(context, [&](std::string_view ns, const model::PodSpec& spec) {
        for_each_secret(spec, [&](std::string_view name, bool) { names.emplace(ns, name); });
    });
    for (const auto& account : context.inventory.service_accounts)
        for (const auto& name : account.secrets)
            names.emplace(account.meta.ns, name);
    return names;
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_references.hpp"

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

void add_mounted(SecretNames& names, std::string_view ns, const model::PodSpec& spec)
{
    for (const auto& volume : spec.volumes) {
        if (volume.kind == model::Volume::Kind::secret) names.emplace(ns, volume.source);
        for (const auto& source : volume.sources)
            if (source.kind == model::ProjectedSource::Kind::secret) names.emplace(ns, source.name);
    }
    for (const auto& container : spec.containers) {
        for (const auto& variable : container.env)
            if (variable.source == model::EnvVar::Source::secret) names.emplace(ns, variable.ref_name);
        for (const auto& source : container.env_from)
            if (source.source == model::EnvFrom::Source::secret) names.emplace(ns, source.name);
    }
}

} // namespace

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
    for_each_spec(context, [&](std::string_view ns, const model::PodSpec& spec) { add_mounted(names, ns, spec); });
    for (const auto& account : context.inventory.service_accounts)
        for (const auto& name : account.secrets)
            names.emplace(account.meta.ns, name);
    return names;
}

} // namespace seaworthy::controls

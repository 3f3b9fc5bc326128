// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string_view>
#include <utility>

#include "seaworthy/check/context.hpp"

// Which Secrets pods, templates and ServiceAccounts name.
namespace seaworthy::controls {

/// Calls `visit(name, optional)` for each Secret that a pod with this spec reads: as volume, projection or variable. Pull secrets are not
/// among them.
template <typename Visit>
void for_each_secret(const model::PodSpec& spec, Visit visit)
{
    for (const auto& volume : spec.volumes) {
        if (volume.kind == model::Volume::Kind::secret) visit(volume.source.view(), volume.optional);
        for (const auto& source : volume.sources)
            if (source.kind == model::ProjectedSource::Kind::secret) visit(source.name.view(), source.optional);
    }
    for (const auto& container : spec.containers) {
        for (const auto& variable : container.env)
            if (variable.source == model::EnvVar::Source::secret) visit(variable.ref_name.view(), variable.optional);
        for (const auto& source : container.env_from)
            if (source.source == model::EnvFrom::Source::secret) visit(source.name.view(), source.optional);
    }
}

/// True for a volume whose files are values of Secrets.
[[nodiscard]] bool holds_secret(const model::Volume& volume);
/// True for a volume of the Secrets Store CSI driver, or of Google's own.
[[nodiscard]] bool is_secrets_store(const model::Volume& volume);

/// Namespace and name, views into the inventory.
using SecretNames = std::set<std::pair<std::string_view, std::string_view>>;

/// What kubelets pull with: imagePullSecrets of pods, templates and ServiceAccounts.
[[nodiscard]] SecretNames pull_secret_names(const check::Context& context);
/// Every Secret that a pod, template or ServiceAccount names: to pull with, as volume, projection or variable.
[[nodiscard]] SecretNames used_secret_names(const check::Context& context);

} // namespace seaworthy::controls

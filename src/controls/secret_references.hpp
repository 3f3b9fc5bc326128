// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string_view>
#include <utility>

#include "seaworthy/check/context.hpp"

// Which Secrets pods, templates and ServiceAccounts name.
namespace seaworthy::controls {

/// Namespace and name, views into the inventory.
using SecretNames = std::set<std::pair<std::string_view, std::string_view>>;

/// What kubelets pull with: imagePullSecrets of pods, templates and ServiceAccounts.
[[nodiscard]] SecretNames pull_secret_names(const check::Context& context);
/// Every Secret that a pod, template or ServiceAccount names: to pull with, as volume, projection or variable.
[[nodiscard]] SecretNames used_secret_names(const check::Context& context);

} // namespace seaworthy::controls

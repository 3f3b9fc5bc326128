// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// The roles and bindings that Kubernetes and its distributions ship. Known by name: a label alone can be set by whoever writes the role.
namespace seaworthy::controls {

/// A binding that comes with Kubernetes or with this cluster's platform. Another binding to a default role is none.
[[nodiscard]] bool is_default_binding(const model::RoleBinding& binding, const check::Context& context);
[[nodiscard]] bool is_default_role(const model::Role& role, const check::Context& context);
/// OpenShift's own ServiceAccounts.
[[nodiscard]] bool is_platform_identity(const model::Identity& identity, const check::Context& context);

} // namespace seaworthy::controls

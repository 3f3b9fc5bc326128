// SPDX-License-Identifier: Apache-2.0
// Which systems bring secrets into the cluster, and their controllers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "software.hpp"

namespace seaworthy::controls {

/// A system of which the cluster shows something.
struct SecretSystem {
    std::string_view name;
    int tier = 1;           ///< 1: reads an external store; 2: decrypts what is kept in Git
    bool installed = false; ///< its controller is there; false: only its API is left
    bool ready = false;
    bool used = false; ///< some object or workload gets its secrets this way
};

[[nodiscard]] std::vector<SecretSystem> find_secret_systems(const check::Context& context);

struct SecretController {
    enum class Role { controller, webhook }; ///< webhook: only validates, or keeps the webhook's certificates
    const model::Workload* workload = nullptr;
    Readiness readiness = Readiness::not_observed;
    Role role = Role::controller;
};

/// Every workload of the systems, in their order.
[[nodiscard]] std::vector<SecretController> find_secret_controllers(const check::Context& context);

/// A secret plugin in Argo CD's repo-server (KSOPS, helm-secrets, argocd-vault-plugin), by image, container or volume; empty: none.
[[nodiscard]] std::string argo_secret_plugin(const check::Context& context);

} // namespace seaworthy::controls

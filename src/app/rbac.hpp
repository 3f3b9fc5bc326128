// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

struct RbacOptions {
    std::string name = "seaworthy";   ///< of the ServiceAccount, the roles and the bindings
    std::string ns = "seaworthy";     ///< where Seaworthy runs
    std::vector<std::string> with;    ///< optional grants besides the configuration's: CM CMA SE ME
    bool namespaced = false;          ///< Roles in `audited` in place of the ClusterRole
    std::vector<std::string> audited; ///< namespaces to audit; empty: `ns`
};

/// The least rights that an audit by this configuration needs, as YAML manifests: derived from what the enabled checks declare, so
/// that it can neither lack a rule nor keep one that nothing uses. Sorted, one rule an API group. An error of kind usage for an unknown grant.
[[nodiscard]] Result<std::string> rbac_manifests(const config::Config& config, const RbacOptions& options);

} // namespace seaworthy::app

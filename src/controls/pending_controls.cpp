// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

// Controls whose checks have not been written yet. Each moves to a file of its own.
namespace seaworthy::controls {

constinit const check::Control k_service_mesh{.id = "service-mesh", .step = 15, .title = "Service mesh", .weight = 0.5};
constinit const check::Control k_pull_cache{.id = "pull-cache", .title = "Pull cache"};
constinit const check::Control k_secrets_management{.id = "secrets-management", .title = "Secrets management"};

} // namespace seaworthy::controls

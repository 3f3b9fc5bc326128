// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_namespaces{
    .id = "namespaces",
    .step = 4,
    .title = "Environments isolated by namespaces",
    .summary = "Namespaces carry quotas, rights and network rules: environments that share one share all of these.",
};

} // namespace seaworthy::controls

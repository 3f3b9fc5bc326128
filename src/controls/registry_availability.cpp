// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_registry_availability{
    .id = "registry-availability",
    .step = 2,
    .title = "A registry that is there when it is needed",
    .summary = "A pod can only start where its image can be pulled: the registry is part of every roll-out, scale-up and node replacement.",
};

} // namespace seaworthy::controls

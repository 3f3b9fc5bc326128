// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_policy_engine{
    .id = "policy-engine",
    .step = 8,
    .title = "A policy engine that enforces",
    .summary = "Rules about what may run are worth something when the API server asks for them on every write.",
};

} // namespace seaworthy::controls

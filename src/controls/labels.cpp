// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_labels{
    .id = "labels",
    .step = 5,
    .title = "Labels that organise",
    .summary = "Services, policies, budgets and people find workloads by their labels.",
};

} // namespace seaworthy::controls

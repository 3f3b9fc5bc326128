// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_rbac{
    .id = "rbac",
    .step = 7,
    .title = "Role-based access control",
    .summary = "Every identity should hold just the rights that its work needs.",
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_oidc{
    .id = "oidc",
    .step = 0,
    .title = "One identity provider for people",
    .summary = "People sign in to the cluster and to its platform components through one central identity provider.",
};

} // namespace seaworthy::controls

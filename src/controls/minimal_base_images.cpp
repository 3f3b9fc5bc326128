// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_minimal_base_images{
    .id = "minimal-base-images",
    .step = 1,
    .title = "Minimal base images",
    .summary = "Small images start faster, hold fewer vulnerable packages and leave an intruder fewer tools.",
};

} // namespace seaworthy::controls

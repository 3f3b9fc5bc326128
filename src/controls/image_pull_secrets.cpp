// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_image_pull_secrets{
    .id = "image-pull-secrets",
    .step = 3,
    .title = "Image pull secrets",
    .summary = "Private images need credentials that exist in the namespace, work, and are not older than they should be.",
};

} // namespace seaworthy::controls

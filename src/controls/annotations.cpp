// SPDX-License-Identifier: Apache-2.0
#include "control_list.hpp"

namespace seaworthy::controls {

constinit const check::Control k_annotations{
    .id = "annotations",
    .step = 6,
    .title = "Annotations that track changes",
    .summary = "Who changed what, why and from which commit should be readable from the object itself.",
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// Calls `visit(container, pod_template)` for the containers that a workload's owner decides about (C5): main, init and native
/// sidecar containers of each distinct template. Containers that only pods have were injected and are the platform's.
template <typename Visit>
void for_each_container(const model::Workload& workload, Visit visit)
{
    for (const auto* pod_template : workload.templates)
        for (const auto& container : pod_template->spec->containers)
            if (container.kind != model::Container::Kind::ephemeral) visit(container, *pod_template);
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// Pods of a workload that are alike in all that their shape holds: spec, labels, annotations, statuses.
struct AlikePods {
    const model::Pod* first = nullptr;
    std::size_t pods = 0;
};

/// The pods of a workload, alike ones together: a rule that looks at their shape alone judges thirty replicas once.
[[nodiscard]] std::vector<AlikePods> alike_pods(const model::Workload& workload);

} // namespace seaworthy::controls

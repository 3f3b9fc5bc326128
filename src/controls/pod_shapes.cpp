// SPDX-License-Identifier: Apache-2.0
#include "controls/pod_shapes.hpp"

#include <unordered_map>

namespace seaworthy::controls {

std::vector<AlikePods> alike_pods(const model::Workload& workload)
{
    std::vector<AlikePods> found;
    std::unordered_map<const model::PodShape*, std::size_t> places;
    for (const auto* pod : workload.pods) {
        if (!found.empty() && found.back().first->shape == pod->shape) { // the usual case: all are alike
            ++found.back().pods;
            continue;
        }
        const auto [at, added] = places.try_emplace(pod->shape, found.size());
        if (added) found.push_back({pod, 0});
        ++found[at->second].pods;
    }
    return found;
}

} // namespace seaworthy::controls

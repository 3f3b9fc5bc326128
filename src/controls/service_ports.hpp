// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// True for a port that only monitoring asks: its name says metrics or prometheus.
[[nodiscard]] bool carries_metrics(const model::ServicePort& port);

/// Who may be behind a Service port.
struct PortOwners {
    std::vector<const model::Container*> containers;
    bool certain = true; ///< false: the port is a number that none of several containers declares
};

/// The containers (main ones and native sidecars) of a template that a Service port leads to, by name or number; of a number that nobody
/// declares, which is legal, all of them. None where a named port does not exist.
[[nodiscard]] PortOwners containers_behind(const model::PodTemplate& pod_template, const model::ServicePort& port);

} // namespace seaworthy::controls

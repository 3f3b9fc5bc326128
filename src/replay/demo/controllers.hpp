// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "replay/json.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::replay::demo {

/// What a cluster makes of the objects that people applied: ReplicaSets, Jobs and pods with owners and statuses, EndpointSlices, each namespace's
/// default service account, statuses and defaults. A pure function, so the same cluster comes out of the same objects.
[[nodiscard]] std::vector<Json> reconcile(const std::vector<Json>& applied, Timestamp now);

} // namespace seaworthy::replay::demo

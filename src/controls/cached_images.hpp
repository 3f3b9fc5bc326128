// SPDX-License-Identifier: Apache-2.0
// Whether what workloads run is pulled through a cache, and whether admission does the redirecting that is the runtime's.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_uncached(const model::Workload& workload, const check::Context& context);
[[nodiscard]] check::Verdict judge_image_rewrite(const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// How Secrets reach a container: as variables, or by mounts that stand still.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_secret_variables(const model::Workload& workload, const check::Context& context);

/// Secrets that are mounted with subPath, which no rotation reaches.
[[nodiscard]] check::Verdict judge_secret_sub_paths(const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls

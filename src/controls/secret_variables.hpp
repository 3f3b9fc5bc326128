// SPDX-License-Identifier: Apache-2.0
// Secrets that reach a container as environment variables.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

[[nodiscard]] check::Verdict judge_secret_variables(const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// Whether the mirrors that nodes are configured with answer.
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

void run_mirror_reachable(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

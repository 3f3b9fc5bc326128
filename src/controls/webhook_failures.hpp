// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// webhook-fail-open-observed: requests that went past a webhook, or failed because of it, by the API server's own counters.
void judge_webhook_failures(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// webhook-fail-open-observed: what the API server counted of calls to a configuration's webhooks that failed.
[[nodiscard]] check::Verdict judge_webhook_failures(const model::Document& configuration, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// events-exported: whether anything keeps the cluster's events for longer than the API server does.
[[nodiscard]] check::Verdict judge_events_exported(const check::Context& context);

inline constexpr check::Fields k_event_fields[] = {{"opentelemetrycollectors.opentelemetry.io", "spec.config"}};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether anything collects and keeps metrics of this cluster.
[[nodiscard]] check::Verdict judge_metrics_stack(const check::Context& context);

/// The agent of a service that keeps metrics, and judges them, outside the cluster: "Datadog Agent"; empty where none is ready.
[[nodiscard]] std::string_view find_hosted_agent(const check::Context& context);

} // namespace seaworthy::controls

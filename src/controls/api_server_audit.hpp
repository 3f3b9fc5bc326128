// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

// The API server's audit log: who did what to the cluster.
namespace seaworthy::controls {

/// audit-enabled
[[nodiscard]] check::Verdict judge_audit_enabled(const check::Context& context);
/// audit-retention
[[nodiscard]] check::Verdict judge_audit_retention(const check::Context& context);

} // namespace seaworthy::controls

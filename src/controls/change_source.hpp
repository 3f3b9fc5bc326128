// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// Whether a workload says where its last change came from, and whether what it says is true.
namespace seaworthy::controls {

/// annot-change-tracking-missing
[[nodiscard]] check::Verdict judge_change_tracking(const check::MetadataSubject& subject, const check::Context& context);
/// annot-change-cause-stale
[[nodiscard]] check::Verdict judge_stale_cause(const check::MetadataSubject& subject, const check::Context& context);
/// annot-tracking-inconsistent
void judge_tracking_consistency(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

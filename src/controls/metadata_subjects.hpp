// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Gives `judge` each workload object and bare pod that a metadata rule speaks of, for rules that look at the whole cluster first. What C2, C3,
/// C4, C6 and C10 excuse is reported as not_applicable.
void judge_each_object(const check::Context& context, check::Results& results,
                       const std::function<check::Verdict(const check::MetadataSubject&)>& judge);

/// The labels that the subject's pods carry.
[[nodiscard]] const model::StringMap& pod_labels(const check::MetadataSubject& subject);

} // namespace seaworthy::controls

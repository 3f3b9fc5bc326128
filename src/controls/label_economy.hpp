// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/context.hpp"

// Labels are for selecting: what nothing selects on, or changes with each release, belongs into annotations.
namespace seaworthy::controls {

/// label-controller-selector-overlap
void judge_selector_overlap(const check::Context& context, check::Results& results);
/// label-sprawl
void judge_label_sprawl(const check::Context& context, check::Results& results);
/// label-high-cardinality
[[nodiscard]] check::Verdict judge_label_cardinality(const check::MetadataSubject& subject, const check::Context& context);

} // namespace seaworthy::controls

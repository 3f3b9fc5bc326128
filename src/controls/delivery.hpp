// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// Who last wrote a workload: a pipeline, or a person.
namespace seaworthy::controls {

/// True if one of these field managers wrote a part of the object's spec.
[[nodiscard]] bool is_written_by(const model::WorkloadObject& object, const std::vector<std::string>& managers);

/// workload-cd-managed
void judge_delivery(const check::Context& context, check::Results& results);
/// workload-manual-change
void judge_manual_changes(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_delivered_fields[] = {
    {"applications.argoproj.io", "status.resources.group, status.resources.kind, status.resources.namespace, status.resources.name, "
                                 "status.operationState.finishedAt"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "status.inventory.entries.id"},
};

} // namespace seaworthy::controls

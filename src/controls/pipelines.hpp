// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// pipeline-health: whether the newest finished run of each pipeline in the namespace has been failing for a day.
[[nodiscard]] check::Verdict judge_pipelines(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_pipeline_fields[] = {
    {"pipelineruns.tekton.dev", "spec.pipelineRef.name, status.conditions, status.completionTime"},
    {"workflows.argoproj.io", "spec.workflowTemplateRef.name, status.phase, status.finishedAt"},
    {"builds.build.openshift.io", "status.phase, status.completionTimestamp, status.config.name"},
};

} // namespace seaworthy::controls

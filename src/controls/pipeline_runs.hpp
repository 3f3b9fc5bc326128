// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// How the pipelines that run in the cluster ended last: Tekton, Argo Workflows, OpenShift Builds.
namespace seaworthy::controls {

/// pipeline-health
[[nodiscard]] check::Verdict judge_pipelines(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_pipeline_fields[] = {
    {"pipelineruns.tekton.dev", "spec.pipelineRef.name, status.conditions, status.completionTime"},
    {"workflows.argoproj.io", "spec.workflowTemplateRef.name, status.phase, status.finishedAt"},
    {"builds.build.openshift.io", "status.phase, status.completionTimestamp, status.config.name"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// deploy-provenance: whether what runs can be followed to a commit or a release.
[[nodiscard]] check::Verdict judge_provenance(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_provenance_fields[] = {
    {"applications.argoproj.io", "status.sync.revision, status.sync.revisions"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "status.lastAppliedRevision"},
    {"helmreleases.helm.toolkit.fluxcd.io", "status.lastAppliedRevision, status.lastAttemptedRevision"},
    {"vulnerabilityreports.aquasecurity.github.io", "report.artifact, report.updateTimestamp"},
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/scan_reports.hpp"
#include "seaworthy/check/check.hpp"

// Whether what runs can be tied to a commit or a release.
namespace seaworthy::controls {

/// deploy-provenance
void judge_provenance(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_provenance_fields[] = {
    {"applications.argoproj.io", "status.sync.revision, status.sync.revisions, status.resources.group, status.resources.kind, "
                                 "status.resources.namespace, status.resources.name"},
    {"kustomizations.kustomize.toolkit.fluxcd.io", "status.lastAppliedRevision, status.inventory.entries.id"},
    {"helmreleases.helm.toolkit.fluxcd.io", "status.lastAppliedRevision, status.history.chartVersion"},
    {k_vulnerability_reports, k_trivy_paths},
};

} // namespace seaworthy::controls

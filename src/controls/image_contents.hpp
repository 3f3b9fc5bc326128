// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controls/scan_reports.hpp"
#include "seaworthy/check/check.hpp"

// What images are made of, by scanners' reports and bills of materials (Trivy Operator).
namespace seaworthy::controls {

inline constexpr std::string_view k_sbom_reports = "sbomreports.aquasecurity.github.io";
inline constexpr std::string_view k_cluster_sbom_reports = "clustersbomreports.aquasecurity.github.io";

/// image-base-not-minimal
[[nodiscard]] check::Verdict judge_minimal_base(const model::Workload& workload, const check::Context& context);
/// image-os-packages-over-budget
[[nodiscard]] check::Verdict judge_os_packages(const model::Workload& workload, const check::Context& context);
/// image-has-shell-or-package-manager
[[nodiscard]] check::Verdict judge_image_tools(const model::Workload& workload, const check::Context& context);
/// image-os-family-sprawl
[[nodiscard]] check::Verdict judge_os_sprawl(const check::Context& context);
/// image-base-evidence-coverage
[[nodiscard]] check::Verdict judge_base_evidence(const model::Namespace& ns, const check::Context& context);

// Of components the decoder keeps the operating system's packages only, by their purl.
inline constexpr std::string_view k_sbom_paths = "report.artifact, report.updateTimestamp, report.components.components.name, "
                                                 "report.components.components.purl, report.components.metadata.component.properties";
inline constexpr check::Fields k_contents_fields[] = {
    {k_vulnerability_reports, "report.artifact, report.updateTimestamp, report.os"},
    {k_sbom_reports, k_sbom_paths},
    {k_cluster_sbom_reports, k_sbom_paths},
};

} // namespace seaworthy::controls

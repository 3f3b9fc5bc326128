// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "controls/exposure.hpp"
#include "controls/field_lists.hpp"
#include "controls/scan_reports.hpp"

// What scanners found in the images that run, and how old and how whole their findings are.
namespace seaworthy::controls {

/// image-critical-vulns
[[nodiscard]] check::Verdict judge_critical(const model::Workload& workload, const check::Context& context);
/// image-high-vulns
[[nodiscard]] check::Verdict judge_high(const model::Workload& workload, const check::Context& context);
/// image-vulns-exposed
[[nodiscard]] check::Verdict judge_exposed_vulnerabilities(const model::Workload& workload, const check::Context& context);
/// scan-result-stale
[[nodiscard]] check::Verdict judge_scan_age(const model::Namespace& ns, const check::Context& context);
/// scanner-healthy
[[nodiscard]] check::Verdict judge_scanner_health(const check::Context& context);
/// registry-scan-on-push
void judge_scan_on_push(const check::Context& context, check::Results& results);

// Of vulnerabilities the decoder keeps the critical and high ones.
inline constexpr std::string_view k_vulnerability_paths = "report.artifact, report.updateTimestamp, report.summary, report.vulnerabilities.severity, "
                                                          "report.vulnerabilities.fixedVersion, report.vulnerabilities.publishedDate";
inline constexpr check::Fields k_vulnerability_fields[] = {
    {k_vulnerability_reports, k_vulnerability_paths},
    {k_kubescape_summaries, "spec.severities"},
    {k_quay_vulnerabilities, "spec.manifest, status.criticalCount"},
};
inline constexpr auto k_exposed_vulnerability_fields = joined(k_vulnerability_fields, k_exposure_fields);

} // namespace seaworthy::controls

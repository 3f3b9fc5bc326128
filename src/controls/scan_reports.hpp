// SPDX-License-Identifier: Apache-2.0
// Joins scanner reports to the containers that run (trivy-operator, Kubescape, Quay Container Security Operator).
#pragma once

#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

inline constexpr std::string_view k_vulnerability_reports = "vulnerabilityreports.aquasecurity.github.io";
inline constexpr std::string_view k_exposed_secret_reports = "exposedsecretreports.aquasecurity.github.io";
inline constexpr std::string_view k_kubescape_summaries = "vulnerabilitymanifestsummaries.spdx.softwarecomposition.kubescape.io";
inline constexpr std::string_view k_quay_vulnerabilities = "imagemanifestvulns.secscan.quay.redhat.com";

/// A container of a workload as it runs, one for each image that its pods run under that name.
struct RunningContainer {
    std::string_view name;
    std::string_view image;  ///< as the pod asks for it
    std::string_view digest; ///< of the image that runs; empty where the runtime does not say
};

/// The containers of a workload's active pods, or of its templates where none runs; injected and ephemeral ones left out (C5).
[[nodiscard]] std::vector<RunningContainer> running_containers(const model::Workload& workload);

/// The newest Trivy report of `resource` about the container's present image, or nullptr. A report about another ReplicaSet, or about
/// another digest and tag, is of an old revision and does not count.
[[nodiscard]] const model::Document* trivy_report(const check::Context& context, std::string_view resource, const model::Workload& workload,
                                                  const RunningContainer& container);
/// True for a report whose artifact is the container's present image.
[[nodiscard]] bool is_report_about(const model::Document& report, const RunningContainer& container);
/// Kubescape's summary about the container, or nullptr.
[[nodiscard]] const model::Document* kubescape_summary(const check::Context& context, const model::Workload& workload,
                                                       const RunningContainer& container);

/// The field paths that the joins read.
inline constexpr std::string_view k_trivy_paths = "report.artifact, report.updateTimestamp, report.summary";

} // namespace seaworthy::controls

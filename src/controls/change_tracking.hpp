// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

inline constexpr std::string_view k_change_cause = "kubernetes.io/change-cause";

/// The tool that delivers the object from a source, by what it left on it: "Argo CD", "Flux", "Helm"…; empty where nothing does.
/// A change-cause, which a person may write by hand, is not looked at.
[[nodiscard]] std::string delivered_by(const model::ObjectMeta& meta);

/// Argo CD's annotation on what it manages, and its parts: `<application>:<object>`. An id without a colon has neither.
inline constexpr std::string_view k_tracking_id = "argocd.argoproj.io/tracking-id";
struct TrackingId {
    std::string_view application;
    std::string_view object;
};
[[nodiscard]] TrackingId parse_tracking_id(std::string_view text);
/// How tracking ids name an object: `<group>/<kind>:<namespace>/<name>`.
[[nodiscard]] std::string object_reference(std::string_view group, std::string_view kind, std::string_view ns, std::string_view name);
[[nodiscard]] std::string object_reference(const check::MetadataSubject& subject);

/// The same from an entry of a Kustomization's inventory, `<namespace>_<name>_<group>_<kind>`; empty where it is none.
[[nodiscard]] std::string inventory_reference(std::string_view id);

/// The change-cause of a workload's newest revision, and how many revisions its history holds.
struct RevisionHistory {
    std::size_t revisions = 0;
    std::string_view newest_cause;
};
/// ReplicaSets of a Deployment, ControllerRevisions of a StatefulSet or DaemonSet.
[[nodiscard]] RevisionHistory history_of(const model::WorkloadObject& object, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
// Which products run in the cluster (C14, C15): recognised by the repositories of their images, and working only with a ready controller.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// A product and the repository path suffixes of its images, comma-separated: `falcosecurity/falco` also matches a mirror's
/// `harbor.example/dockerhub/falcosecurity/falco`; `*` stands for a part of one component.
struct Software {
    std::string_view name;
    std::string_view repositories;
};

enum class Readiness {
    not_observed, ///< manifests: there is no status
    not_ready,
    ready, ///< a replica is available; of a DaemonSet, on some node
};

struct Installation {
    const Software* software = nullptr;
    const model::Workload* workload = nullptr;
    Readiness readiness = Readiness::not_observed;
};

[[nodiscard]] Readiness readiness_of(const model::Workload& workload);
/// True if a DaemonSet makes its pods: one on each node.
[[nodiscard]] bool runs_on_nodes(const model::Workload& workload);
/// True if a container of a template (init containers too) has an image of one of the comma-separated repositories.
[[nodiscard]] bool has_image(const model::Workload& workload, std::string_view repositories);
[[nodiscard]] bool is_image_of(std::string_view image, std::string_view repositories);

/// Every workload that runs one of `products`, in the order of the products, then of the workloads. Jobs and CronJobs are no
/// controllers and do not count.
[[nodiscard]] std::vector<Installation> find_software(const check::Context& context, std::span<const Software> products);

/// In manifests, what else runs in the cluster is not to be seen: the verdict of a check that asks whether something is there.
[[nodiscard]] std::optional<check::Verdict> unobservable_in_manifests(const check::Context& context, std::string_view what);

} // namespace seaworthy::controls

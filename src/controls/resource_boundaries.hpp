// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/check/check.hpp"

// What bounds the CPU and memory of a namespace: Kubernetes' own quotas, and those of the platforms that keep them elsewhere.
namespace seaworthy::controls {

struct Boundary {
    enum class Kind {
        none,
        other,   ///< quotas on other things (objects, storage), or only a LimitRange
        compute, ///< a quota on CPU or memory
    };
    Kind kind = Kind::none;
    std::string source; ///< "ResourceQuota/compute"
};

/// The strongest boundary of the namespace.
[[nodiscard]] Boundary find_boundary(const model::Namespace& ns, const check::Context& context);

inline constexpr check::Fields k_boundary_fields[] = {
    {"resourcequotas", "spec.hard"},
    {"clusterresourcequotas.quota.openshift.io", "spec.quota.hard, status.namespaces"},
    {"hierarchicalresourcequotas.hnc.x-k8s.io", "spec.hard"},
    {"tenants.capsule.clastix.io", "spec.resourceQuotas, spec.limitRanges, status.namespaces"},
};

} // namespace seaworthy::controls

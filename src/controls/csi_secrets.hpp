// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// Whether the volumes of the Secrets Store CSI driver that a workload mounts can work.
[[nodiscard]] check::Verdict judge_csi_secrets(const model::Workload& workload, const check::Context& context);

inline constexpr check::Fields k_csi_fields[] = {
    {"secretproviderclasses.secrets-store.csi.x-k8s.io", "spec.provider"},
    {"secretproviderclasspodstatuses.secrets-store.csi.x-k8s.io", "status.podName, status.mounted"},
};

} // namespace seaworthy::controls

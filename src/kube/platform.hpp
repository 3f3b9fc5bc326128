// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// The product that the cluster is (C7), from the server's version, node provider ids, node labels and API groups:
/// eks, gke, aks, openshift, k3s, rke2, kind, or "unknown".
[[nodiscard]] std::string detect_platform(const model::Inventory& inventory);

/// Sets the facts that follow from what was read: uid (of namespace kube-system) and platform. The version must be there already.
void complete_cluster_facts(model::Inventory& inventory);

} // namespace seaworthy::kube

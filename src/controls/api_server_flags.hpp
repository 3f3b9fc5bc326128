// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "seaworthy/check/context.hpp"

// C8: the command-line flags of kube-apiserver, as far as the cluster shows them.
namespace seaworthy::controls {

/// One API server, or a k3s or RKE2 server process that holds one.
struct ApiServer {
    std::string name;  ///< "kube-system/kube-apiserver-cp1", "Node/cp1"
    bool whole = true; ///< false: only what the operator set is visible; a flag that is not there has the distribution's default
    std::map<std::string, std::string, std::less<>> flags; ///< without dashes; the last occurrence wins
    const model::Pod* pod = nullptr;                       ///< nullptr for a server process of k3s or RKE2
    std::string_view node;                                 ///< where it runs; empty where nothing says so

    [[nodiscard]] const std::string* find(std::string_view flag) const;
};

/// Every API server that can be seen: pods of a self-managed control plane, else the node annotations of k3s and RKE2. Empty on managed
/// control planes, where nothing is to be concluded from it.
[[nodiscard]] std::vector<ApiServer> find_api_servers(const check::Context& context);

/// What a rule about flags says where there is no API server to be seen: unknown.
[[nodiscard]] check::Verdict hidden_control_plane(const check::Context& context);

} // namespace seaworthy::controls

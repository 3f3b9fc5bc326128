// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kube/credentials.hpp"
#include "kube/kubeconfig_file.hpp"
#include "seaworthy/kube/kubeconfig.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {

/// Everything a connection is made of, once kubeconfig, flags and environment have been heard.
struct ConnectionPlan {
    std::string base_url; ///< no trailing slash
    net::Url server;
    std::string cluster_name;
    std::string default_namespace;
    std::string ca_pem;
    std::string ca_file; ///< only where ca_pem is empty
    std::string tls_server_name;
    bool verify = true;
    std::string proxy;
    std::string no_proxy;
    UserEntry user;
    std::optional<ExecSetting> exec;
    std::vector<std::string> warnings;
};

[[nodiscard]] std::unique_ptr<Connection> make_connection(ConnectionPlan plan, const Surroundings& surroundings);

} // namespace seaworthy::kube

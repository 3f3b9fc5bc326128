// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/kube/kubeconfig.hpp"
#include "seaworthy/kube/live_source.hpp"

namespace CLI {
class App;
}

namespace seaworthy::app {

/// kubectl's flags about where the cluster is and who we are there, by kubectl's names.
struct ConnectionFlags {
    kube::ConnectionOptions options;
    std::string request_timeout; ///< as kubectl writes it: a duration, a number of seconds, 0 for none; empty: the configuration's
    std::optional<std::uint32_t> chunk_size;
    std::string config; ///< --config
};

void add_connection_flags(CLI::App& command, ConnectionFlags& flags);

/// A connection by the flags and, where they are silent, the configuration.
[[nodiscard]] Result<std::unique_ptr<kube::Connection>> open_connection(const ConnectionFlags& flags, const config::Kubernetes& configured);
/// How to read through it.
[[nodiscard]] Result<kube::LiveSourceOptions> source_options(const ConnectionFlags& flags, const config::Config& configured);

} // namespace seaworthy::app

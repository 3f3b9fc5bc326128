// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/auditor.hpp"
#include "app/lease.hpp"
#include "app/signals.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

struct DaemonOptions {
    config::Config config;
    std::string config_file;  ///< watched and read again; empty: none
    std::string listen;       ///< in place of http.listen
    std::string probe_listen; ///< in place of http.probeListen
    SourceFactory make_source;
    /// The way to the Lease of leaderElection; not set: this process leads, whatever the configuration says.
    std::function<Result<std::unique_ptr<LeaseStore>>(const config::Config&)> make_lease_store;
    /// Called once both listeners are open, with their ports.
    std::function<void(std::uint16_t port, std::uint16_t probe_port)> on_serving;
};

/// The long-running program: an audit loop, two listeners, a watch on the configuration. Serves until SIGTERM or SIGINT, then ends in order
/// and in under two seconds; SIGHUP reads the configuration again. An error only if a listener cannot be opened: an unreachable cluster is
/// none, the loop keeps trying.
[[nodiscard]] Result<void> run_daemon(DaemonOptions options, const Signals& signals);

} // namespace seaworthy::app

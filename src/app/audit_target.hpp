// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "app/audit_run.hpp"
#include "app/commands/command.hpp"
#include "app/connection_flags.hpp"

namespace CLI {
class App;
}

namespace seaworthy::app {

/// What a one-shot audit looks at: a cluster, or files.
struct AuditTarget {
    std::vector<std::string> paths; ///< manifests or a snapshot; empty: the cluster
    bool keep_going = false;
    std::string ns;
    bool all_namespaces = false;
    AuditScope scope;
    ConnectionFlags connection;
};

/// Adds PATH, -n, -A, -l, --config and the connection flags.
void add_target_flags(CLI::App& command, AuditTarget& target);

/// Audits it by the configuration of --config, or by the one that a snapshot brings along; `config` is the one that was used.
/// Says on standard error what is worth knowing, and shows progress on a terminal.
[[nodiscard]] Result<AuditRun> audit_target(AuditTarget target, const Session& session, config::Config& config, std::stop_token stop);

} // namespace seaworthy::app

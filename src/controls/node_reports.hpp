// SPDX-License-Identifier: Apache-2.0
// What the optional node-probe reports about a node's registry mirrors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"
#include "seaworthy/model/registry_config.hpp"

namespace seaworthy::controls {

/// One node's report, or why there is none that counts.
struct NodeReport {
    const model::RegistryConfig* report = nullptr; ///< valid as long as the context's index
    check::Reason reason = check::Reason::none;    ///< unobservable: none, stale; malformed; unavailable: the probe failed
    std::string problem;
    std::string_view grant = "NPR";

    /// The unknown that says so.
    [[nodiscard]] check::Verdict unknown() const;
};

struct ReportingNode {
    std::string name;
    const model::Node* node = nullptr; ///< nullptr: the node list lacks it
    NodeReport found;

    [[nodiscard]] check::ObjectKey key() const;
};

/// The node's newest report. One older than 15 minutes does not count, nor one that speaks of another node or another runtime.
[[nodiscard]] NodeReport report_of(const check::Context& context, std::string_view node);
/// True if any node has ever answered: otherwise the node-probe is not in use.
[[nodiscard]] bool has_node_reports(const check::Context& context);
/// The verdict on the cluster where it is not.
[[nodiscard]] check::Verdict probe_disabled();

/// True for virtual nodes (Fargate, virtual-kubelet) and Windows: no DaemonSet of the node-probe can look at them.
[[nodiscard]] bool has_no_host(const model::Node& node);
/// The nodes that a node-probe can look at, in the order of their names.
[[nodiscard]] std::vector<ReportingNode> nodes_with_host(const check::Context& context);
/// The nodes that were asked, whether the node list shows them or not, in the order of their names.
[[nodiscard]] std::vector<ReportingNode> nodes_asked(const check::Context& context);
/// Share of the ready nodes with a host that have a report that counts; nothing where there is no such node.
[[nodiscard]] std::optional<double> report_coverage(const check::Context& context);

/// What a mirror is by its URL and the domains that the configuration calls internal.
[[nodiscard]] model::MirrorKind kind_of(const model::RegistryMirror& mirror, std::string_view host, const std::vector<std::string>& internal_domains);
/// The best mirror of a registry host, or of a part of it, by a report.
[[nodiscard]] model::MirrorKind best_mirror(const model::RegistryConfig& report, std::string_view repository,
                                            const std::vector<std::string>& internal_domains);
/// True if containerd ignores every hosts.toml: 2.1 or newer, `config_path` with a colon, and nothing that brings back the local pull.
[[nodiscard]] bool ignores_mirrors(const ReportingNode& node);

/// Registry hosts that active pods use, "docker.io" included where none is written.
[[nodiscard]] std::vector<std::string> hosts_in_use(const check::Context& context);
/// Repositories ("docker.io/library/nginx") that active pods pull by tag, sorted.
[[nodiscard]] std::vector<std::string> repositories_by_tag(const check::Context& context);

} // namespace seaworthy::controls

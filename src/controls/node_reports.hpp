// SPDX-License-Identifier: Apache-2.0
// What the optional node-probe reports about a node's registry mirrors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {

/// Where pulls from a registry go first, best last.
enum class MirrorKind { none, upstream, peer_to_peer, public_cache, internal };
[[nodiscard]] std::string_view name(MirrorKind kind); ///< "p2p", as reports write it

/// One node's report, or why there is none that counts.
struct NodeReport {
    std::optional<model::JsonText> report;
    check::Reason reason = check::Reason::none; ///< unobservable: none, stale; malformed; unavailable: the probe failed
    std::string problem;
};

/// The node's newest report; one older than 15 minutes does not count.
[[nodiscard]] NodeReport report_of(const check::Context& context, std::string_view node);
/// True if any node has ever answered: otherwise the node-probe is not in use.
[[nodiscard]] bool has_node_reports(const check::Context& context);

/// The best mirror of a registry host by a report: its own entry, else the wildcard's. docker.io also goes by registry-1.docker.io.
[[nodiscard]] MirrorKind best_mirror(const model::JsonText& report, std::string_view host, const std::vector<std::string>& internal_domains);
/// True if containerd ignores every hosts.toml: 2.1 or newer, `config_path` with a colon, and nothing that brings back the local pull.
[[nodiscard]] bool ignores_mirrors(const model::JsonText& report);

/// Registry hosts that active pods use, "docker.io" included where none is written.
[[nodiscard]] std::vector<std::string> hosts_in_use(const check::Context& context);

} // namespace seaworthy::controls

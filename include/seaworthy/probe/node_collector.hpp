// SPDX-License-Identifier: Apache-2.0
// Asks the node-probes how their nodes pull images. Each answer may be a lie: it is bounded, read, and written anew before it is kept.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "seaworthy/config/config.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/probe/prober.hpp"

namespace seaworthy::probe {

/// Not thread-safe.
class NodeCollector {
public:
    explicit NodeCollector(ProberOptions options) : m_options(std::move(options)) {}

    /// Asks the ready pods of the configured DaemonSet, one on each node, all within half a minute. A row for each Linux node, by
    /// `node:<name>/v1/registry-config`: what the pod says, or why not; after a good answer of the last 15 minutes a failed one comes second.
    /// With `askMirrors` also what the mirrors that they name say to GET /v2/. Nothing where no DaemonSet is configured.
    [[nodiscard]] History collect(const model::Inventory& inventory, const config::Probes& settings, const std::stop_token& stop);

private:
    class Round;

    ProberOptions m_options;
    std::map<std::string, model::ProbeAnswer, std::less<>> m_good; ///< the last good answer of each URL
};

} // namespace seaworthy::probe

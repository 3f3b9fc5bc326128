// SPDX-License-Identifier: Apache-2.0
#include "app/probed_source.hpp"

#include "app/configuration.hpp"
#include "app/version.hpp"
#include "seaworthy/probe/node_collector.hpp"

namespace seaworthy::app {

probe::History joined(probe::History nodes, const probe::History& hosts)
{
    for (const auto& [url, answers] : hosts)
        nodes.insert_or_assign(url, answers);
    return nodes;
}

std::unique_ptr<model::InventorySource> with_probes(std::unique_ptr<model::InventorySource> cluster, const config::Config& config)
{
    return std::make_unique<ProbedSource>(std::move(cluster), [&config](const model::Inventory& inventory, const std::stop_token& stop) {
        probe::Prober prober{{user_agent(), now}};
        prober.run(config.settings.outside, config.probes, stop);
        return joined(probe::NodeCollector{{user_agent(), now}}.collect(inventory, config.probes, stop), prober.history());
    });
}

} // namespace seaworthy::app

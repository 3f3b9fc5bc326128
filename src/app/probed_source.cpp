// SPDX-License-Identifier: Apache-2.0
#include "app/probed_source.hpp"

#include "app/configuration.hpp"
#include "app/version.hpp"

namespace seaworthy::app {

std::unique_ptr<model::InventorySource> with_probes(std::unique_ptr<model::InventorySource> cluster, const config::Config& config)
{
    return std::make_unique<ProbedSource>(std::move(cluster), [&config](const std::stop_token& stop) {
        probe::Prober prober{{user_agent(), now}};
        prober.run(config.settings.outside, config.probes, stop);
        return prober.history();
    });
}

} // namespace seaworthy::app

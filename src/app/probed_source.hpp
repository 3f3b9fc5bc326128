// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "seaworthy/model/inventory.hpp"
#include "seaworthy/probe/prober.hpp"

namespace seaworthy::app {

/// A cluster, and what the configured hosts outside it answered.
class ProbedSource final : public model::InventorySource {
public:
    using Evidence = std::function<probe::History(const std::stop_token&)>;

    /// `evidence` is asked after each read.
    ProbedSource(std::unique_ptr<model::InventorySource> cluster, Evidence evidence) : m_cluster(std::move(cluster)), m_evidence(std::move(evidence))
    {}

    [[nodiscard]] Result<model::Inventory> read(const model::ReadPlan& plan, std::stop_token stop) override
    {
        auto inventory = m_cluster->read(plan, stop);
        if (inventory)
            for (auto& [url, answers] : m_evidence(stop))
                inventory->probes.insert_or_assign(url, std::move(answers));
        return inventory;
    }

private:
    std::unique_ptr<model::InventorySource> m_cluster;
    Evidence m_evidence;
};

/// For one audit: asks the hosts that `config`, which must outlive it, names, once for each read.
[[nodiscard]] std::unique_ptr<model::InventorySource> with_probes(std::unique_ptr<model::InventorySource> cluster, const config::Config& config);

} // namespace seaworthy::app

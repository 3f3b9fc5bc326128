// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "app/audit_memory.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/probe/prober.hpp"

namespace seaworthy::app {

/// A cluster, and what the configured hosts outside it and its node-probes answered.
class ProbedSource final : public model::InventorySource {
public:
    using Evidence = std::function<probe::History(const model::Inventory&, const std::stop_token&)>;

    /// `evidence` is asked after each read, for what it may have to say about what was read. `memory`, which outlives this, remembers between
    /// reads; nullptr: nothing does.
    ProbedSource(std::unique_ptr<model::InventorySource> cluster, Evidence evidence, AuditMemory* memory = nullptr)
        : m_cluster(std::move(cluster)), m_evidence(std::move(evidence)), m_memory(memory)
    {}

    [[nodiscard]] Result<model::Inventory> read(const model::ReadPlan& plan, std::stop_token stop) override
    {
        auto inventory = m_cluster->read(plan, stop);
        if (!inventory) return inventory;
        for (auto& [url, answers] : m_evidence(*inventory, stop))
            inventory->probes.insert_or_assign(url, std::move(answers));
        if (m_memory != nullptr) m_memory->complete(*inventory);
        return inventory;
    }

private:
    std::unique_ptr<model::InventorySource> m_cluster;
    Evidence m_evidence;
    AuditMemory* m_memory;
};

/// What the node-probes answered, and the hosts; a mirror that both asked is the hosts' row, which knows its certificate authority.
[[nodiscard]] probe::History joined(probe::History nodes, const probe::History& hosts);

/// For one audit: asks the hosts that `config`, which must outlive it, names, and the node-probes, once for each read.
[[nodiscard]] std::unique_ptr<model::InventorySource> with_probes(std::unique_ptr<model::InventorySource> cluster, const config::Config& config);

} // namespace seaworthy::app

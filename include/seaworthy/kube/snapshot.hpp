// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "seaworthy/kube/snapshot_files.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

struct SnapshotOptions {
    std::vector<std::string> paths;   ///< files and folders; "-" is standard input
    bool keep_going = false;          ///< broken documents become gaps instead of an error
    std::function<Timestamp()> clock; ///< the audit's clock where no Snapshot document says when it is; empty: the system's
};

/// Reads manifests or a snapshot (interfaces.md, "What `audit PATH` reads"): a whole cluster at a moment with a Snapshot document, a
/// partial one without.
class SnapshotSource final : public model::InventorySource {
public:
    explicit SnapshotSource(SnapshotOptions options);
    ~SnapshotSource() override;

    /// A cheap first pass that finds the Snapshot document, so that its configuration can shape the plan. read() does it if nobody has.
    /// An error where there are no files, or where the Snapshot document itself is wrong.
    [[nodiscard]] Result<void> peek();
    /// The Snapshot's `config` as JSON (which is YAML); empty where there is none. After peek().
    [[nodiscard]] const std::string& config_text() const;
    /// True if there is a Snapshot document. After peek().
    [[nodiscard]] bool is_snapshot() const;

    /// Resources that have a struct of their own are read whatever the plan says; Documents need a line of the plan.
    /// Broken documents are one error that names them all, unless `keep_going`.
    [[nodiscard]] Result<model::Inventory> read(const model::ReadPlan& plan, std::stop_token stop) override;
    [[nodiscard]] bool needs_no_grants() const override { return true; }

    /// What the last read() came upon; for standard error.
    [[nodiscard]] const std::vector<std::string>& warnings() const;
    [[nodiscard]] const std::vector<InputProblem>& problems() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace seaworthy::kube

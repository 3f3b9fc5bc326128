// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::app {

/// Which part of the cluster is audited, besides what the configuration says.
struct AuditScope {
    std::vector<std::string> namespaces; ///< names; empty: all
    std::string selector;                ///< of namespaces, as -l; empty: all
};

/// One finished audit with what is worth counting about it. The inventory is gone.
struct AuditRun {
    std::shared_ptr<const report::Report> report;
    double read_seconds = 0;
    double evaluate_seconds = 0;
    std::map<std::string, std::uint64_t> objects; ///< by resource id
    std::map<std::string, bool> accessible;       ///< by resource id: false where it, or a part of it, is a gap; not served: no entry
};

/// Reads and judges once. An error means that there is nothing to judge.
[[nodiscard]] Result<AuditRun> run_audit(model::InventorySource& source, const config::Config& config, const AuditScope& scope, std::stop_token stop);

/// What publications of a report by this configuration say beside it.
[[nodiscard]] publish::Imprint imprint_of(const config::Config& config);

} // namespace seaworthy::app

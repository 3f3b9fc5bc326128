// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "app/audit_run.hpp"
#include "app/log.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/kube/live_source.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/publish/publication.hpp"
#include "seaworthy/publish/self_metrics.hpp"

namespace seaworthy::app {

/// Makes the source that audits read; the observer outlives it.
using SourceFactory = std::function<Result<std::unique_ptr<model::InventorySource>>(const config::Config&, kube::SourceObserver*)>;

/// The daemon's audits: each reads, judges and publishes, or leaves the last report where it is and says why. One audit at a time,
/// called by one thread.
class Auditor {
public:
    struct Parts {
        SourceFactory make_source;
        publish::Publication& publication;
        publish::SelfMetrics& metrics;
        Log& log;
        std::function<Timestamp()> now;
        /// After each audit, on its thread: the report that was published, or nullptr and why there is none. Not for one that was stopped.
        std::function<void(const report::Report*, std::string_view failure)> after_audit = {};
    };
    explicit Auditor(Parts parts);
    ~Auditor();

    /// True if a report was published. `trigger`: startup, interval, api.
    bool audit(const config::Config& config, std::string_view trigger, const std::stop_token& stop);
    /// The next audit connects anew: the configuration of the connection has changed.
    void forget_source();

private:
    class Observer;
    [[nodiscard]] Result<AuditRun> run(const config::Config& config, const std::stop_token& stop);
    [[nodiscard]] bool is_held_back(const report::Report& report, const config::Audit& audit, Timestamp at) const;
    void hold_back(const report::Report& report, Timestamp at);
    void publish(AuditRun run, const config::Config& config, Timestamp at);
    void give_up(const Error& error, bool stopped, Timestamp at);

    Parts m_parts;
    std::unique_ptr<Observer> m_observer;
    std::unique_ptr<model::InventorySource> m_source; ///< kept between audits: its connection and credentials are good for many
    std::shared_ptr<const report::Report> m_published;
    Timestamp m_published_at;
};

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/publish/imprint.hpp"
#include "seaworthy/publish/metrics.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::publish {

/// One published report with all that is rendered of it once. Immutable.
struct Edition {
    std::shared_ptr<const report::Report> report;
    Imprint imprint;
    RenderedFamilies families;
    std::string etag; ///< quoted, as the header carries it
};

/// What readers see at one moment.
struct View {
    std::shared_ptr<const Edition> edition; ///< nullptr before the first report
    bool leading = true;                    ///< false: the compliance families stay out of /metrics
    bool standby = false;                   ///< a cold standby: ready without a report, since it audits only once it leads
    Timestamp started_at;                   ///< of the daemon
    Timestamp auditing_since;               ///< none: no audit is running
    Timestamp last_attempt;
    Timestamp last_success;
    Timestamp last_failure;
    std::string last_error;           ///< of the last failed audit; empty once one succeeded
    std::chrono::seconds interval{0}; ///< between audits
};

/// The place where the audit loop leaves its latest report and where HTTP readers find it. Thread-safe; rendering happens in the
/// writer's thread, outside the lock, so that a reader never waits for it.
class Publication {
public:
    explicit Publication(Timestamp started_at);

    /// Renders and swaps in a report; the one before lives on until its last reader is done. Returns its edition.
    std::shared_ptr<const Edition> publish(std::shared_ptr<const report::Report> report, Imprint imprint, const config::Metrics& options,
                                           Timestamp now);
    void audit_started(Timestamp now);
    void audit_failed(std::string message, Timestamp now);
    void set_interval(std::chrono::seconds interval);
    void set_leading(bool leading);
    void set_standby(bool standby);

    [[nodiscard]] View view() const;

    /// The event loop's sign of life, and whether the last one is younger than `limit`. Monotonic time.
    void beat();
    [[nodiscard]] bool alive(std::chrono::seconds limit) const;
    /// True until the process begins to shut down: from then on it is not ready.
    void begin_shutdown();
    [[nodiscard]] bool shutting_down() const;

private:
    mutable std::mutex m_mutex; // not atomic<shared_ptr>: libstdc++ 12's trips ThreadSanitizer
    View m_view;
    std::chrono::steady_clock::time_point m_last_beat;
    bool m_shutting_down = false;
};

} // namespace seaworthy::publish

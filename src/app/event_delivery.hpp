// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "app/log.hpp"
#include "app/object_notes.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/events/journal.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/publish/delivery.hpp"
#include "seaworthy/report/report.hpp"
#include "seaworthy/sinks/sinks.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::app {

/// The way of a verdict to a SIEM: the journal makes events of what changed and keeps them in the store, the sinks bring them to where the
/// configuration says, and a socket answers `seaworthy sinks`. Any thread may call.
class EventDelivery {
public:
    /// Connects nowhere yet. `store` and `log` have to outlive it. An Error names the sink that cannot be, or the socket that cannot be opened.
    [[nodiscard]] static Result<std::unique_ptr<EventDelivery>> start(const config::Config& config, state::Store& store, Log& log);
    /// Ends at once; what was not acknowledged is sent after the next start.
    ~EventDelivery();
    EventDelivery(const EventDelivery&) = delete;
    EventDelivery& operator=(const EventDelivery&) = delete;

    /// Gives up events that are older than `spool.maxAge`, delivered or not.
    void expire();
    /// What the next report will be about. Called by the thread that then calls record().
    void look_at(const model::Inventory& inventory);
    /// Writes down what the report changed, and wakes the sinks. A failure is told in the log; the next report finds what was not written.
    void record(const report::Report& report);
    /// Writes an event about the daemon. `message` must be free of secrets.
    void health(events::HealthCode code, std::string_view message, const events::HealthDetail& detail = {});
    /// Which changes are events, from the next report on.
    void configure(const config::Events& settings);
    [[nodiscard]] publish::DeliveryFacts facts() const;
    /// Sends what waits, at most so long.
    void stop(std::chrono::milliseconds limit);

private:
    EventDelivery(const config::Config& config, state::Store& store, Log& log);
    void tell_start();
    Result<void> open_socket(const config::Spool& spool);
    void sink_changed(const sinks::Change& change);

    state::Store& m_store;
    Log& m_log;
    std::chrono::milliseconds m_max_age;
    std::mutex m_settings_mutex;
    config::Events m_settings;
    ObjectNotes m_notes; ///< of the thread that audits
    events::Identity m_identity;
    events::Journal m_journal;
    sinks::Sinks m_sinks;
    std::unique_ptr<http::Server> m_socket; ///< last: its answers use all of the above
};

} // namespace seaworthy::app

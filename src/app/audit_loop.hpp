// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include "app/auditor.hpp"
#include "app/schedule.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

/// The thread that audits: at once, then by the schedule, and whenever asked to. One audit at a time, whatever asks.
class AuditLoop {
public:
    AuditLoop(Auditor::Parts parts, std::shared_ptr<const config::Config> config, Schedule schedule);
    /// Stops the audit that is running, and waits for it.
    ~AuditLoop();
    AuditLoop(const AuditLoop&) = delete;
    AuditLoop& operator=(const AuditLoop&) = delete;

    /// Starts one now. False: one is running already.
    bool trigger(std::string_view why);
    /// From the next audit on, which starts at once (after the one that is running).
    void set_config(std::shared_ptr<const config::Config> config, bool reconnect);
    /// While paused no audit starts and the one that runs is stopped (a cold standby); afterwards one starts at once.
    void set_paused(bool paused);
    /// Ends an audit that has run for longer than its deadline and a grace, in case a source does not keep to it.
    void enforce_deadline();
    void stop() { m_thread.request_stop(); }

private:
    using Clock = std::chrono::steady_clock;
    void loop(const std::stop_token& stop);
    /// Waits until an audit is due. Gives why; empty: the end has come.
    [[nodiscard]] std::string_view wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);

    Auditor m_auditor;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::shared_ptr<const config::Config> m_config;
    Schedule m_schedule;
    std::string_view m_asked = "startup"; ///< why one is due now; empty: by the schedule
    bool m_reconnect = false;
    bool m_running = false;
    bool m_paused = false;
    Clock::time_point m_started;
    std::stop_source m_stop_audit;
    std::jthread m_thread; ///< last: it uses all of the above
};

} // namespace seaworthy::app

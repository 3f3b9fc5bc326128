// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "app/observations.hpp"
#include "app/probe_memory.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/probe/prober.hpp"

namespace seaworthy::app {

/// The thread that asks the configured hosts, at once and then every `probes.interval`, whatever the audits do: availability is measured
/// between them too.
class ProbeLoop {
public:
    /// Goes on from what earlier processes kept in `observations`.
    ProbeLoop(probe::ProberOptions options, std::shared_ptr<const config::Config> config, Observations observations = {});
    ~ProbeLoop();
    ProbeLoop(const ProbeLoop&) = delete;
    ProbeLoop& operator=(const ProbeLoop&) = delete;

    /// From now on; a new round starts at once.
    void set_config(std::shared_ptr<const config::Config> config);
    /// Waits for the first round by the configuration that is in force, unless stopped: an audit must not take a late answer for none.
    [[nodiscard]] probe::History history(const std::stop_token& stop);
    void stop() { m_thread.request_stop(); }

private:
    void loop(const std::stop_token& stop);

    ProbeMemory m_memory; ///< used by the thread
    probe::Prober m_prober;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::shared_ptr<const config::Config> m_config;
    bool m_answered = false; ///< by m_config
    std::jthread m_thread;   ///< last: it uses all of the above
};

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "app/probe_loop.hpp"

#include <utility>

namespace seaworthy::app {

ProbeLoop::ProbeLoop(probe::ProberOptions options, std::shared_ptr<const config::Config> config, Observations observations)
    : m_memory(observations, options.now), m_prober(std::move(options)), m_config(std::move(config)),
      m_thread([this](const std::stop_token& stop) { loop(stop); })
{}

ProbeLoop::~ProbeLoop() = default;

void ProbeLoop::set_config(std::shared_ptr<const config::Config> config)
{
    {
        const std::lock_guard lock{m_mutex};
        m_config = std::move(config);
        m_answered = false;
    }
    m_changed.notify_all();
}

probe::History ProbeLoop::history(const std::stop_token& stop)
{
    std::unique_lock lock{m_mutex};
    m_changed.wait(lock, stop, [this] { return m_answered || m_thread.get_stop_token().stop_requested(); });
    return m_prober.history();
}

void ProbeLoop::loop(const std::stop_token& stop)
{
    m_prober.restore(m_memory.load());
    std::unique_lock lock{m_mutex};
    while (!stop.stop_requested()) {
        const auto config = m_config;
        lock.unlock();
        m_prober.run(config->settings.outside, config->probes, stop);
        m_memory.save(m_prober.history());
        lock.lock();
        m_answered = config == m_config;
        m_changed.notify_all();
        m_changed.wait_for(lock, stop, config->probes.interval, [&] { return config != m_config; });
    }
}

} // namespace seaworthy::app

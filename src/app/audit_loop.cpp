// SPDX-License-Identifier: Apache-2.0
#include "app/audit_loop.hpp"

#include <utility>

namespace seaworthy::app {

namespace {

/// A source keeps its own deadline and then still has to hand over what it has.
constexpr std::chrono::seconds k_grace{30};

} // namespace

AuditLoop::AuditLoop(Auditor::Parts parts, std::shared_ptr<const config::Config> config, Schedule schedule)
    : m_auditor(std::move(parts)), m_config(std::move(config)), m_schedule(std::move(schedule)),
      m_thread([this](const std::stop_token& stop) { loop(stop); })
{}

AuditLoop::~AuditLoop()
{
    stop();
}

bool AuditLoop::trigger(std::string_view why)
{
    const std::lock_guard lock{m_mutex};
    if (m_running || m_paused || !m_asked.empty()) return false;
    m_asked = why;
    m_wake.notify_all();
    return true;
}

void AuditLoop::set_config(std::shared_ptr<const config::Config> config, bool reconnect)
{
    const std::lock_guard lock{m_mutex};
    m_config = std::move(config);
    m_reconnect = m_reconnect || reconnect;
    if (m_asked.empty()) m_asked = "interval";
    m_wake.notify_all();
}

void AuditLoop::set_paused(bool paused)
{
    const std::lock_guard lock{m_mutex};
    if (m_paused && !paused && m_asked.empty()) m_asked = "interval";
    m_paused = paused;
    if (paused) m_stop_audit.request_stop();
    m_wake.notify_all();
}

void AuditLoop::enforce_deadline()
{
    const std::lock_guard lock{m_mutex};
    if (m_running && Clock::now() - m_started > m_config->audit.timeout + k_grace) m_stop_audit.request_stop();
}

std::string_view AuditLoop::wait(std::unique_lock<std::mutex>& lock, const std::stop_token& stop)
{
    const auto due = m_started + m_schedule.pause(m_config->audit);
    const auto is_time = [&] { return !m_asked.empty() || Clock::now() >= due; };
    while (!stop.stop_requested() && (m_paused || !is_time())) {
        if (m_paused) {
            m_wake.wait(lock, stop, [this] { return !m_paused; });
        } else {
            m_wake.wait_until(lock, stop, due, [this] { return m_paused || !m_asked.empty(); });
        }
    }
    if (stop.stop_requested()) return {};
    return m_asked.empty() ? "interval" : std::exchange(m_asked, {});
}

void AuditLoop::loop(const std::stop_token& stop)
{
    std::unique_lock lock{m_mutex};
    for (auto why = wait(lock, stop); !why.empty(); why = wait(lock, stop)) {
        m_running = true;
        m_started = Clock::now();
        m_stop_audit = {};
        const auto config = m_config;
        if (std::exchange(m_reconnect, false)) m_auditor.forget_source();
        const std::stop_callback pass_on{stop, [source = m_stop_audit]() mutable { source.request_stop(); }};
        lock.unlock();
        const bool published = m_auditor.audit(*config, why, m_stop_audit.get_token());
        lock.lock();
        m_running = false;
        if (published) {
            m_schedule.succeeded();
        } else {
            m_schedule.failed();
        }
    }
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "app/election_loop.hpp"

#include <random>

namespace seaworthy::app {

namespace {

/// client-go's jitter: candidates must not come in step.
std::chrono::milliseconds spread(std::chrono::milliseconds period)
{
    constexpr double jitter_factor = 1.2;
    thread_local std::minstd_rand engine{std::random_device{}()};
    const double share = 1 + jitter_factor * std::uniform_real_distribution<double>{0, 1}(engine);
    return std::chrono::duration_cast<std::chrono::milliseconds>(period * share);
}

} // namespace

ElectionLoop::ElectionLoop(std::function<Result<std::unique_ptr<LeaseStore>>()> make_store, config::LeaderElection options, Log& log,
                           std::function<void(bool)> on_change)
    : m_make_store(std::move(make_store)), m_options(std::move(options)), m_log(log), m_on_change(std::move(on_change)),
      m_thread([this](const std::stop_token& stop) { loop(stop); })
{}

ElectionLoop::~ElectionLoop()
{
    m_thread.request_stop();
}

void ElectionLoop::sleep(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::unique_lock lock{m_mutex};
    m_wake.wait_for(lock, stop, time, [] { return false; });
}

void ElectionLoop::set_leading(bool leading, const std::string& holder)
{
    if (leading == m_leading) return;
    m_leading = leading;
    m_log.info(leading ? "leading from now on" : "leading no more", {{"holder", holder}});
    m_on_change(leading);
}

void ElectionLoop::round(Elector& elector, const std::stop_token& stop)
{
    const bool leading = elector.attempt(stop);
    set_leading(leading, elector.holder());
    const auto trouble = elector.trouble() ? elector.trouble()->message : std::string{};
    if (!trouble.empty() && trouble != m_told && !stop.stop_requested())
        m_log.warn("the election is in trouble", {{"reason", trouble}, {"hint", elector.trouble()->hint}});
    m_told = trouble;
    sleep(leading ? m_options.retry_period : spread(m_options.retry_period), stop);
}

void ElectionLoop::loop(const std::stop_token& stop)
{
    m_on_change(false);
    std::unique_ptr<LeaseStore> store;
    while (!store && !stop.stop_requested()) {
        if (auto made = m_make_store()) {
            store = std::move(*made);
        } else {
            m_log.error("no election without the API server", {{"reason", made.error().message}});
            sleep(spread(m_options.retry_period), stop);
        }
    }
    if (!store) return;
    Elector elector{*store, m_options, election_identity(), {std::chrono::steady_clock::now, micro_time_now}};
    while (!stop.stop_requested())
        round(elector, stop);
    elector.release();
    set_leading(false, {});
}

} // namespace seaworthy::app

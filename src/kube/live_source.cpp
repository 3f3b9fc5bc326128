// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/live_source.hpp"

#include <condition_variable>
#include <mutex>
#include <random>

#include "kube/cluster_reader.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::kube {
namespace {

void sleep_until_stopped(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop, time, [] { return false; });
}

} // namespace

Pacing Pacing::real()
{
    Pacing pacing;
    pacing.wall_clock = [] {
        return Timestamp{std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
    };
    pacing.now = [] { return std::chrono::steady_clock::now(); };
    pacing.sleep = sleep_until_stopped;
    pacing.random = [engine = std::minstd_rand{std::random_device{}()}]() mutable { return std::uniform_real_distribution<double>{0, 1}(engine); };
    return pacing;
}

class LiveSource::Impl {
public:
    Impl(std::unique_ptr<Connection> connection, LiveSourceOptions options, SourceObserver* observer)
        : m_connection(std::move(connection)), m_options(std::move(options)), m_observer(observer != nullptr ? *observer : m_nobody),
          m_client({m_options.user_agent, static_cast<long>(m_options.max_in_flight)})
    {}

    Result<model::Inventory> read(const model::ReadPlan& plan, const std::stop_token& stop)
    {
        for (const std::string& warning : m_connection->take_warnings())
            m_observer.warning(warning);
        return ClusterReader{m_client, *m_connection, m_options, m_observer, plan}.read(stop);
    }

private:
    std::unique_ptr<Connection> m_connection;
    LiveSourceOptions m_options;
    SourceObserver m_nobody;
    SourceObserver& m_observer;
    net::Client m_client;
};

LiveSource::LiveSource(std::unique_ptr<Connection> connection, LiveSourceOptions options, SourceObserver* observer)
    : m_impl(std::make_unique<Impl>(std::move(connection), std::move(options), observer))
{}

LiveSource::~LiveSource() = default;

Result<model::Inventory> LiveSource::read(const model::ReadPlan& plan, std::stop_token stop)
{
    return m_impl->read(plan, stop);
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_transport.hpp"

#include <chrono>

namespace seaworthy::sinks {
namespace {

state::Milliseconds wall_clock()
{
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class HttpTransport final : public Transport {
public:
    HttpTransport(const config::Sink& sink, const Dialect& dialect, const std::string& user_agent, Wall wall)
        : m_sink(sink), m_dialect(dialect), m_engine(sink, user_agent), m_wall(wall ? std::move(wall) : Wall{&wall_clock})
    {}

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override
    {
        const Job job{.sink = m_sink, .events = events, .now = m_wall(), .restamp = m_restamp};
        auto draft = m_dialect.build(job);
        if (!draft) return draft.error();
        const auto reply = m_engine.post(std::move(*draft), stop);
        if (!reply) return reply.error();
        auto delivery = m_dialect.judge(job, m_engine, *reply);
        m_restamp = delivery.reason == k_too_old && !job.restamp;
        return delivery;
    }

private:
    config::Sink m_sink;
    const Dialect& m_dialect;
    HttpEngine m_engine;
    Wall m_wall;
    bool m_restamp = false;
};

} // namespace

std::unique_ptr<Transport> make_http(const config::Sink& sink, const Dialect& dialect, const std::string& user_agent, Wall wall)
{
    return std::make_unique<HttpTransport>(sink, dialect, user_agent, std::move(wall));
}

} // namespace seaworthy::sinks

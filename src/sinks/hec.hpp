// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>

#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "sinks/http_engine.hpp"

namespace seaworthy::sinks {

/// Splunk's HTTP Event Collector, with indexer acknowledgement where the sink has it.
/// Splunk documentation: "Format events for HTTP Event Collector", "About HTTP Event Collector Indexer Acknowledgment",
/// "Troubleshoot HTTP Event Collector" (codes).
class Hec final : public Transport {
public:
    using Clock = std::chrono::steady_clock;

    Hec(const config::Sink& sink, const std::string& user_agent, std::function<Clock::time_point()> now = &Clock::now);

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override;
    Confirmation confirm() override;
    [[nodiscard]] milliseconds confirm_interval() const override;

private:
    struct Outstanding {
        std::int64_t id = 0;   ///< the receiver's ackId
        std::int64_t last = 0; ///< sequence of the last event
        Clock::time_point sent{};
        bool indexed = false;
    };

    [[nodiscard]] tl::expected<Draft, Delivery> draft(std::span<const state::EventRow> events) const;
    Delivery judge(std::span<const state::EventRow> events, const Reply& reply);
    void note(const Reply& reply);
    Confirmation give_up(std::string reason, std::string detail);

    config::Sink m_sink;
    HttpEngine m_engine;
    std::function<Clock::time_point()> m_now;
    std::string m_channel; ///< acknowledgements are asked for on the channel that the events came by
    std::deque<Outstanding> m_outstanding;
    std::string m_poll_error;
    int m_poll_failures = 0; ///< in a row
};

} // namespace seaworthy::sinks

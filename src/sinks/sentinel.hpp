// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "sinks/http_engine.hpp"

namespace seaworthy::sinks {

/// Microsoft Sentinel, by Azure Monitor's Logs Ingestion API (version 2023-01-01): a data collection endpoint takes an array of records for a stream
/// of a data collection rule, from whoever has an access token of Microsoft Entra (OAuth 2.0 client credentials, RFC 6749 §4.4).
class Sentinel final : public Transport {
public:
    using Clock = std::chrono::steady_clock;

    Sentinel(const config::Sink& sink, const std::string& user_agent, std::function<Clock::time_point()> now = &Clock::now);

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override;

private:
    [[nodiscard]] tl::expected<std::string, Delivery> records(std::span<const state::EventRow> events) const;
    /// Gets an access token, unless there is one that holds for some time.
    [[nodiscard]] tl::expected<void, Delivery> log_in(const std::stop_token& stop);
    [[nodiscard]] std::string token_url() const;
    [[nodiscard]] std::string scope() const;

    config::Sink m_sink;
    HttpEngine m_engine;
    std::function<Clock::time_point()> m_now;
    std::string m_token; ///< empty: none
    Clock::time_point m_token_until{};
};

} // namespace seaworthy::sinks

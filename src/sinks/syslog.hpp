// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "sinks/wire.hpp"

namespace seaworthy::sinks {

/// Syslog over TLS (RFC 5425) or TCP (RFC 6587, octet counting). The protocol has no acknowledgement: an event counts as delivered when the
/// receiver's kernel has it and the connection stayed healthy for the sink's confirm_window after it. A break makes what is not confirmed come
/// again (by the worker), and so does what was written within replay_window before it (from memory, while the process lives).
class Syslog final : public Transport {
public:
    using Clock = std::chrono::steady_clock;

    explicit Syslog(const config::Sink& sink, std::function<Clock::time_point()> now = &Clock::now);

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override;
    Confirmation confirm() override;
    [[nodiscard]] milliseconds confirm_interval() const override;
    void close() override;

private:
    struct Sent {
        std::int64_t last = 0;
        std::uint64_t end = 0; ///< of its bytes, counted from the connection's start
        Clock::time_point at{};
        std::string frames;
    };

    [[nodiscard]] tl::expected<std::string, Delivery> frames_of(std::span<const state::EventRow> events) const;
    [[nodiscard]] std::optional<Delivery> connect(const std::stop_token& stop);
    void drop_connection();
    void forget_old();

    config::Sink m_sink;
    std::function<Clock::time_point()> m_now;
    std::string m_host;
    std::unique_ptr<Wire> m_wire;
    std::deque<Sent> m_unconfirmed;
    std::deque<Sent> m_confirmed; ///< within replay_window
    std::deque<Sent> m_replay;    ///< of m_confirmed, when the connection broke
    bool m_broken = false;        ///< with something unconfirmed, and the worker does not know yet
    std::string m_detail;         ///< of the break
};

} // namespace seaworthy::sinks

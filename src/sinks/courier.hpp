// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/facts.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/sinks/worker.hpp"
#include "seaworthy/state/store.hpp"
#include "sinks/backoff.hpp"
#include "sinks/batch.hpp"
#include "sinks/ledger.hpp"

namespace seaworthy::sinks {

/// What a worker does, step by step and without a thread or a wait of its own. One thread at a time, but for facts().
class Courier {
public:
    Courier(config::Sink sink, state::Store& store, std::unique_ptr<Transport> transport, Surroundings surroundings);

    struct Next {
        milliseconds wait{0}; ///< nothing is to be done before, unless new events come
        bool idle = false;    ///< nothing waits for the sink, or nothing can be done about it
    };
    /// Does one thing: sends one request, or asks for confirmations, or finds nothing to do. `flushing`: does not linger.
    Next step(const std::stop_token& stop, bool flushing = false);
    [[nodiscard]] Result<std::string> test(const state::EventRow& event, const std::stop_token& stop);
    void close() { m_transport->close(); }
    [[nodiscard]] Facts facts() const;
    [[nodiscard]] const Surroundings& surroundings() const { return m_surroundings; }

private:
    using Clock = std::chrono::steady_clock;

    enum class Loaded : std::uint8_t { ready, more, lingers, nothing, failed };
    Loaded load(bool flushing);
    [[nodiscard]] bool is_full(const state::Pending& pending) const;
    void send(const std::stop_token& stop);
    void judge(const Delivery& delivery, std::size_t count);
    void judge_each(const Delivery& delivery);
    void judge_refusal(const Delivery& delivery, std::size_t count);
    enum class Taken : std::uint8_t { confirmed, unconfirmed, dropped }; ///< dropped: gone, but not sent again
    void took(std::size_t count, Taken how);
    void decide();
    bool park_refused();
    void settle();
    bool acknowledge();
    void ask_for_confirmation();
    bool unpark(const std::vector<std::int64_t>& sequences);
    void forget();

    void succeed();
    void back_off(const Delivery& delivery, std::string_view kind);
    void pause(const Delivery& delivery);
    void store_failed(const Error& error);
    void enter(State state, const Delivery& delivery);
    void count_failures(std::string_view kind, std::size_t count);
    [[nodiscard]] bool awaits_confirmation() const { return !m_ledger.empty() || m_last_sent != 0; }
    [[nodiscard]] milliseconds until(Clock::time_point time) const;

    config::Sink m_sink;
    state::Store& m_store;
    std::unique_ptr<Transport> m_transport;
    Surroundings m_surroundings;

    Backoff m_backoff;
    Batch m_batch;
    Ledger m_ledger;
    std::int64_t m_cursor = 0;      ///< everything up to here was dealt with; 0: the store's position
    std::int64_t m_acknowledge = 0; ///< what the store is to be told; 0: nothing
    std::int64_t m_last_sent = 0;   ///< the last event that is not yet in the ledger and has to be confirmed
    std::int64_t m_confirmed = 0;   ///< the receiver has everything up to here
    std::string m_refusal;          ///< the receiver's words when it last refused an event
    bool m_trusted = false;         ///< the receiver has taken events since it last refused everything
    bool m_paused_now = false;      ///< by the present step
    State m_state = State::ok;
    std::string m_retry_reason; ///< the next request repeats one
    Clock::time_point m_not_before{};
    Clock::time_point m_next_confirm{};
    std::optional<Clock::time_point> m_linger_until;

    mutable std::mutex m_mutex; ///< of m_facts
    Facts m_facts;
};

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/state/store.hpp"
#include "state/connection.hpp"
#include "state/space.hpp"

namespace seaworthy::state {

constexpr std::int64_t k_events_at_once = 2000; ///< that one transaction deletes, or one call looks at

/// The events on their way, and how far each sink has come. What changes something belongs in a transaction.
class Outbox {
public:
    Outbox(Connection& connection, const Space& space) : m_connection(connection), m_space(space) {}

    [[nodiscard]] Result<std::int64_t> next_sequence();
    [[nodiscard]] Result<bool> append(const EventRow& event);
    [[nodiscard]] Result<std::optional<Dropped>> dropped();
    Result<void> forget_dropped();
    /// Gives events up until something of `bytes` can be written.
    Result<void> make_room(std::uint64_t bytes);
    struct Step {
        std::int64_t seen = 0;     ///< how many were looked at
        std::int64_t given_up = 0; ///< how many of these a sink did not have
    };
    /// At most `limit` events created before `time`.
    [[nodiscard]] Result<Step> drop_older_than(Milliseconds time, std::int64_t limit);

    Result<void> set_sinks(const std::vector<std::string>& names);
    [[nodiscard]] Result<Pending> pending(std::string_view sink, std::int64_t after, Limits limits,
                                          const std::function<bool(const EventRow&)>& wanted);
    Result<void> acknowledge(std::string_view sink, std::int64_t through);
    [[nodiscard]] Result<Backlog> backlog(std::string_view sink);

    Result<void> park(std::string_view sink, std::int64_t sequence, std::string_view reason, int status, Milliseconds now);
    Result<void> unpark(std::string_view sink, std::int64_t sequence);
    [[nodiscard]] Result<std::vector<Parked>> parked(std::string_view sink, std::size_t limit);
    [[nodiscard]] Result<std::int64_t> retry_parked(std::string_view sink);
    /// At most `limit` of them.
    [[nodiscard]] Result<Step> drop_parked(std::string_view sink, std::int64_t limit);

    /// A transaction begins: others may have taken pages.
    void begin() { m_sure_pages = 0; }
    /// Up to here there are no events but parked ones: where deleting goes on. To be set back when a transaction is undone.
    [[nodiscard]] std::int64_t swept() const { return m_swept; }
    void set_swept(std::int64_t sequence) { m_swept = sequence; }

private:
    enum class Cause : std::uint8_t { room, age };
    struct Sink {
        std::int64_t id = 0;
        std::int64_t acknowledged = 0;
        std::int64_t dropped = 0;
        std::int64_t expired = 0;
        std::int64_t discarded = 0;
    };
    [[nodiscard]] Result<Sink> find_sink(std::string_view name);
    Result<void> erase(std::int64_t sequence);
    [[nodiscard]] Result<bool> give_up(std::int64_t sequence, Cause cause);
    Result<void> release(std::int64_t sequence);
    Result<void> sweep();

    Connection& m_connection;
    const Space& m_space;
    std::int64_t m_swept = 0;
    std::int64_t m_sure_pages = 0; ///< at least so many are free; to ask SQLite for each row costs more than to write it
};

} // namespace seaworthy::state

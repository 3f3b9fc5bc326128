// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// An event that the receiver refuses, alone or by name, and that is not parked yet.
struct Refused {
    std::int64_t sequence = 0;
    std::string reason;
    int status = 0;
    bool for_size = false; ///< it is too large, and cannot be made smaller
};

/// Events that were fetched and are not settled, and what is known about those among them that the receiver refuses. Finds these by bisection;
/// but before one is set aside there has to be evidence that the receiver takes others: one that refuses everything (a wrong index, say) must not
/// have the whole queue parked.
class Batch {
public:
    explicit Batch(int poison_attempts) : m_poison_attempts(poison_attempts) {}

    /// Takes these instead of what was there.
    void load(state::Pending pending);
    /// Takes these behind what is there; they come next after through().
    void extend(state::Pending pending);
    void clear();

    [[nodiscard]] bool empty() const { return m_events.empty(); }
    [[nodiscard]] bool retried() const { return m_retried; }
    [[nodiscard]] std::int64_t through() const { return m_through; }
    /// True while fetching the events anew would lose nothing that was learnt.
    [[nodiscard]] bool is_fresh() const { return m_fresh; }
    [[nodiscard]] const std::vector<Refused>& refused() const { return m_refused; }
    /// Everything before the next event is settled, as far as this is: 0 while refused events wait for a decision.
    [[nodiscard]] std::int64_t settled_through() const;

    /// What to send next; empty only if empty().
    [[nodiscard]] std::span<const state::EventRow> next() const;

    /// The receiver took the first `count`.
    void take(std::size_t count);
    /// The receiver took the first `count` of what it refuses as a whole, and the next one is why.
    void take_before_refused(std::size_t count);
    /// The receiver refused next(). True: it was a single event, for the last time; it is among refused() now.
    bool refuse(const std::string& reason, int status);
    /// The receiver answered for each of next(); `answers` has as many. Those refused are among refused() now, and what is too large comes again,
    /// alone. Gives how many it took.
    std::size_t answer_each(std::span<const Answer> answers, const std::string& reason, int status);
    /// next() is too large. False: it is a single event that cannot be made smaller; it is among refused() now.
    bool reduce(const std::string& reason, int status);

    enum class Decision : std::uint8_t { none, park, ask_others, sink_fault };
    /// What is to be done about refused(). `trusted`: the receiver has taken events not long ago.
    [[nodiscard]] Decision decide(bool trusted, bool has_more) const;
    void parked() { m_refused.clear(); }

private:
    [[nodiscard]] bool is_probing() const { return !m_refused.empty() && m_accepted < m_refused.size(); }
    void drop_first(std::size_t count);
    void set_aside(const std::string& reason, int status, bool for_size);

    int m_poison_attempts;
    std::vector<state::EventRow> m_events;
    std::int64_t m_through = 0;
    bool m_retried = false;
    bool m_fresh = true;
    std::vector<Refused> m_refused;
    std::size_t m_accepted = 0; ///< since load()
    std::size_t m_suspects = 0; ///< so many of the first events have one among them that is refused; 0: none is known
    int m_attempts = 0;         ///< refusals of the first event, sent alone
    bool m_shrunk = false;      ///< the first event

    // How many go at once outlives a batch: what is too large today is too large in the next batch.
    std::size_t m_most = ~std::size_t{0};
    int m_taken_in_a_row = 0;
};

} // namespace seaworthy::sinks

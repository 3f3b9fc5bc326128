// SPDX-License-Identifier: Apache-2.0
// Which checks' findings came and went, by the hour.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::publish {

/// Findings of a check in a namespace (empty: of the cluster itself) that came and went during an hour.
struct Move {
    Timestamp hour; ///< when it began (UTC)
    std::string ns;
    std::string check;
    std::uint32_t opened = 0;
    std::uint32_t resolved = 0;

    bool operator==(const Move&) const = default;
};

/// What moved of one check over some time.
struct CheckMove {
    std::string check;
    std::uint32_t opened = 0;
    std::uint32_t resolved = 0;
    std::uint32_t namespaces = 0; ///< in how many; the cluster itself is none
};

/// Moves of the last `days`, up to 20,000: where there are more, the oldest hours go first. Only what moved takes room. Not thread-safe.
class Moves {
public:
    explicit Moves(std::size_t days) : m_days(days) {}

    /// false: it is not a move, or there is no room for it.
    bool restore(const Move& remembered);
    void opened(Timestamp at, std::string_view ns, std::string_view check) { add(at, ns, check, &Tally::opened); }
    void resolved(Timestamp at, std::string_view ns, std::string_view check) { add(at, ns, check, &Tally::resolved); }

    /// Those that have changed since this was last asked.
    [[nodiscard]] std::vector<Move> take_changed();
    /// By check, of a namespace or, where that is empty, of all and the cluster itself, from the hour on; the most moved first.
    [[nodiscard]] std::vector<CheckMove> since(Timestamp hour, std::string_view ns) const;
    /// Moves of hours before this one may have been forgotten for want of room.
    [[nodiscard]] Timestamp complete_from() const { return m_complete_from; }

private:
    struct Tally {
        std::uint32_t opened = 0;
        std::uint32_t resolved = 0;
        bool changed = false;
    };
    using Hour = std::map<std::pair<std::string, std::string>, Tally>; ///< by namespace and check

    void add(Timestamp at, std::string_view ns, std::string_view check, std::uint32_t Tally::*what);
    void make_room();

    std::size_t m_days;
    std::size_t m_size = 0;
    std::map<Timestamp, Hour> m_hours;
    Timestamp m_complete_from{0};
};

} // namespace seaworthy::publish

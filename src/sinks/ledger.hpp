// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace seaworthy::sinks {

/// What was written and is not confirmed, so that a sink's position never passes an event whose fate is open.
class Ledger {
public:
    struct Entry {
        std::int64_t last = 0;               ///< the last event of it; 0: nothing in it has to be confirmed
        std::int64_t through = 0;            ///< the position once everything up to here is confirmed
        std::vector<std::int64_t> retried{}; ///< parked ones that were sent again
    };

    [[nodiscard]] bool empty() const { return m_entries.empty(); }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] bool has_retried() const { return !m_entries.empty() && !m_entries.back().retried.empty(); }
    void clear() { m_entries.clear(); }

    void add(Entry entry)
    {
        if (entry.last == 0 && !m_entries.empty()) {
            m_entries.back().through = entry.through; // nothing to wait for of its own
            return;
        }
        m_entries.push_back(std::move(entry));
    }
    /// Takes the next entry that is confirmed, if the receiver confirms everything up to `confirmed`.
    [[nodiscard]] std::optional<Entry> settle(std::int64_t confirmed)
    {
        if (m_entries.empty() || m_entries.front().last > confirmed) return std::nullopt;
        auto entry = std::move(m_entries.front());
        m_entries.pop_front();
        return entry;
    }

private:
    std::deque<Entry> m_entries;
};

} // namespace seaworthy::sinks

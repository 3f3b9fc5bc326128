// SPDX-License-Identifier: Apache-2.0
#include "state/chronicle.hpp"

#include "state/bounds.hpp"

namespace seaworthy::state {
namespace {

constexpr std::int64_t k_share = 16;         ///< of the capacity, each kind gets one part of so many
constexpr std::int64_t k_weighed_after = 16; ///< and is counted when one part of so many of its own has come

} // namespace

Result<void> Chronicle::observe(std::string_view kind, const std::vector<Observation>& observations, Milliseconds oldest, Keep keep)
{
    SEAWORTHY_TRY(check_bounds({{"an observation's kind", kind, k_name_bytes}}));
    SEAWORTHY_TRY(m_connection.run("DELETE FROM observation WHERE kind = ? AND at < ?", kind, oldest));
    std::int64_t come = 0;
    for (const auto& [key, at, value] : observations) {
        SEAWORTHY_TRY(check_bounds({{"an observation's key", key, k_memory_bytes}, {"an observation", value, k_observation_bytes}}));
        if (at < oldest) continue;
        if (keep == Keep::newest) SEAWORTHY_TRY(m_connection.run("DELETE FROM observation WHERE kind = ? AND key = ?", kind, key));
        SEAWORTHY_TRY(m_outbox.make_room(key.size() + value.size()));
        SEAWORTHY_TRY(m_connection.run("INSERT OR REPLACE INTO observation VALUES (?, ?, ?, ?)", kind, key, at, value));
        come += static_cast<std::int64_t>(key.size() + value.size());
    }
    const auto share = static_cast<std::int64_t>(m_space.capacity_bytes()) / k_share;
    const auto known = m_unweighed.find(kind);
    if (known == m_unweighed.end() || known->second + come >= share / k_weighed_after) {
        SEAWORTHY_TRY(thin_out(kind, share));
        come = 0;
    } else {
        come += known->second;
    }
    m_unweighed.insert_or_assign(std::string{kind}, come);
    return {};
}

/// Forgets the oldest of a kind until the others are within its share.
Result<void> Chronicle::thin_out(std::string_view kind, std::int64_t share)
{
    // Kind and key are in the index once more; 16 bytes are the head of a row.
    const auto bytes = m_connection.count("SELECT sum(length(CAST(value AS BLOB)) + 2 * (length(kind) + length(key) + 16)) FROM observation "
                                          "WHERE kind = ?",
                                          kind);
    if (!bytes) return tl::make_unexpected(bytes.error());
    if (*bytes <= share) return {};
    const auto last = m_connection.number("SELECT at FROM (SELECT at, sum(length(CAST(value AS BLOB)) + 2 * (length(kind) + length(key) + 16)) "
                                          "OVER (ORDER BY at, key) AS bytes FROM observation WHERE kind = ?) WHERE bytes >= ? LIMIT 1",
                                          kind, *bytes - share);
    if (!last) return tl::make_unexpected(last.error());
    return m_connection.run("DELETE FROM observation WHERE kind = ? AND at <= ?", kind, last->value_or(0));
}

Result<std::vector<Observation>> Chronicle::all(std::string_view kind)
{
    std::vector<Observation> all;
    auto rows = m_connection.query("SELECT key, at, value FROM observation WHERE kind = ? ORDER BY key, at", kind);
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) return all;
        all.push_back({rows.text(0), rows.number(1), rows.text(2)});
    }
}

} // namespace seaworthy::state

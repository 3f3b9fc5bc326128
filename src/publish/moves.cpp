// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/moves.hpp"

#include <algorithm>

namespace seaworthy::publish {

namespace {

constexpr std::int64_t k_hour = 3600;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::size_t k_most = 20'000;

Timestamp hour_of(Timestamp at)
{
    const auto seconds = at.unix_seconds();
    return Timestamp{seconds - ((seconds % k_hour) + k_hour) % k_hour};
}

} // namespace

bool Moves::restore(const Move& remembered)
{
    if (!remembered.hour.known() || hour_of(remembered.hour) != remembered.hour || remembered.check.empty()) return false;
    if (remembered.opened == 0 && remembered.resolved == 0) return false;
    if (m_size >= k_most) return false;
    auto& hour = m_hours[remembered.hour];
    const auto [at, added] = hour.try_emplace({remembered.ns, remembered.check}, Tally{remembered.opened, remembered.resolved, false});
    if (added) ++m_size;
    return added;
}

void Moves::add(Timestamp at, std::string_view ns, std::string_view check, std::uint32_t Tally::*what)
{
    const auto hour = hour_of(at);
    // The clock was set back: the past stays as it is.
    auto& tallies = m_hours[m_hours.empty() ? hour : std::max(hour, m_hours.rbegin()->first)];
    const auto [tally, added] = tallies.try_emplace({std::string{ns}, std::string{check}});
    ++(tally->second.*what);
    tally->second.changed = true;
    if (!added) return;
    ++m_size;
    make_room();
}

void Moves::make_room()
{
    const auto last = m_hours.rbegin()->first.unix_seconds();
    while (m_hours.size() > 1 && (m_size > k_most || m_hours.begin()->first.unix_seconds() < last - static_cast<std::int64_t>(m_days) * k_day)) {
        if (m_size > k_most) m_complete_from = std::next(m_hours.begin())->first;
        m_size -= m_hours.begin()->second.size();
        m_hours.erase(m_hours.begin());
    }
    if (m_size <= k_most) return;
    // One hour alone is too much: what comes last in it is not told.
    auto& only = m_hours.begin()->second;
    only.erase(std::prev(only.end()));
    --m_size;
    m_complete_from = Timestamp{last + k_hour};
}

std::vector<Move> Moves::take_changed()
{
    std::vector<Move> changed;
    if (m_hours.empty()) return changed;
    for (auto& [key, tally] : m_hours.rbegin()->second) { // only the last hour grows
        if (!tally.changed) continue;
        tally.changed = false;
        changed.push_back({m_hours.rbegin()->first, key.first, key.second, tally.opened, tally.resolved});
    }
    return changed;
}

std::vector<CheckMove> Moves::since(Timestamp hour, std::string_view ns) const
{
    std::map<std::pair<std::string_view, std::string_view>, Tally> places; // by check, then namespace: an hour more adds no namespace
    for (auto at = m_hours.lower_bound(hour); at != m_hours.end(); ++at) {
        for (const auto& [key, tally] : at->second) {
            if (!ns.empty() && key.first != ns) continue;
            auto& sum = places[{key.second, key.first}];
            sum.opened += tally.opened;
            sum.resolved += tally.resolved;
        }
    }
    std::vector<CheckMove> moves;
    for (const auto& [key, tally] : places) {
        if (moves.empty() || moves.back().check != key.first) moves.push_back({.check = std::string{key.first}});
        moves.back().opened += tally.opened;
        moves.back().resolved += tally.resolved;
        if (!key.second.empty()) ++moves.back().namespaces;
    }
    std::ranges::stable_sort(moves, std::greater{}, [](const CheckMove& one) { return std::uint64_t{one.opened} + one.resolved; });
    return moves;
}

} // namespace seaworthy::publish

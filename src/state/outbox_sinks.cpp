// SPDX-License-Identifier: Apache-2.0
// The part of the outbox that sinks see.
#include <algorithm>

#include <fmt/format.h>

#include "state/bounds.hpp"
#include "state/outbox.hpp"

namespace seaworthy::state {
namespace {

/// The members of an EventRow that a filter sees, in the order of k_event_columns.
EventRow event_of(const Query& row)
{
    EventRow event;
    int column = 0;
    event.sequence = row.number(column++);
    event.uid = row.text(column++);
    event.finding = row.text(column++);
    event.code = row.text(column++);
    event.event_class = row.text(column++);
    event.severity = static_cast<int>(row.number(column++));
    event.control = row.text(column++);
    event.check = row.text(column++);
    event.ns = row.text(column++);
    event.created = row.number(column++);
    return event;
}
constexpr int k_body_column = 10; // NOLINT: follows those of event_of()

/// Collects what fits into a batch.
class Batch {
public:
    Batch(Limits limits, const std::function<bool(const EventRow&)>& wanted) : m_limits(limits), m_wanted(wanted) {}

    /// False: the row does not fit any more.
    bool take(const Query& row)
    {
        auto event = event_of(row);
        if (!m_wanted(event)) return true;
        event.body = row.text(k_body_column);
        const bool fits = m_events.size() < m_limits.events && m_bytes + event.body.size() <= m_limits.bytes;
        if (!m_events.empty() && !fits) return false;
        m_bytes += event.body.size();
        m_events.push_back(std::move(event));
        return true;
    }
    /// False: take() would refuse any row that is wanted.
    [[nodiscard]] bool has_room() const { return m_events.size() < std::max<std::size_t>(m_limits.events, 1); }
    [[nodiscard]] std::vector<EventRow> events() && { return std::move(m_events); }

private:
    Limits m_limits;
    const std::function<bool(const EventRow&)>& m_wanted;
    std::vector<EventRow> m_events;
    std::size_t m_bytes = 0;
};

} // namespace

Result<Outbox::Sink> Outbox::find_sink(std::string_view name)
{
    auto rows = m_connection.query("SELECT id, acked, dropped, expired, discarded FROM sink WHERE name = ?", name);
    const auto row = rows.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return failure(Error::Kind::not_found, fmt::format("the state database knows no sink {}", name));
    return Sink{rows.number(0), rows.number(1), rows.number(2), rows.number(3), rows.number(4)};
}

Result<void> Outbox::set_sinks(const std::vector<std::string>& names)
{
    for (const auto& name : names) {
        SEAWORTHY_TRY(check_bounds({{"a sink's name", name, k_name_bytes}}));
        SEAWORTHY_TRY(m_connection.run("INSERT OR IGNORE INTO sink (name, acked, dropped) VALUES (?, 0, 0)", name));
    }
    std::vector<std::string> gone;
    {
        auto rows = m_connection.query("SELECT name FROM sink");
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::make_unexpected(row.error());
            if (!*row) break;
            if (auto name = rows.text(0); std::ranges::find(names, name) == names.end()) gone.push_back(std::move(name));
        }
    }
    for (const auto& name : gone) {
        SEAWORTHY_TRY(m_connection.run("DELETE FROM parked WHERE sink = (SELECT id FROM sink WHERE name = ?)", name));
        SEAWORTHY_TRY(m_connection.run("DELETE FROM sink WHERE name = ?", name));
    }
    m_swept = 0;
    return sweep();
}

Result<Pending> Outbox::pending(std::string_view sink, std::int64_t after, Limits limits, const std::function<bool(const EventRow&)>& wanted)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    Pending pending;
    if (after <= found->acknowledged) {
        Batch batch{limits, wanted};
        auto rows = m_connection.query("SELECT seq, uid, finding, code, class, severity, control, check_id, ns, created, body "
                                       "FROM parked JOIN event USING (seq) WHERE parked.sink = ? AND retry = 1 ORDER BY seq",
                                       found->id);
        while (batch.has_room()) {
            const auto row = rows.step();
            if (!row) return tl::make_unexpected(row.error());
            if (!*row || !batch.take(rows)) break;
        }
        pending.events = std::move(batch).events();
        pending.through = found->acknowledged;
        pending.retried = !pending.events.empty();
        if (pending.retried) return pending;
    }
    Batch batch{limits, wanted};
    const auto from = std::max(after, found->acknowledged);
    pending.through = 0;
    auto rows = m_connection.query("SELECT seq, uid, finding, code, class, severity, control, check_id, ns, created, body, "
                                   "EXISTS (SELECT 1 FROM parked WHERE parked.sink = ? AND parked.seq = event.seq) "
                                   "FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                                   found->id, from, k_events_at_once);
    while (batch.has_room()) {
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) break;
        const bool is_parked = rows.number(k_body_column + 1) != 0;
        if (!is_parked && !batch.take(rows)) break;
        pending.through = rows.number(0);
    }
    pending.events = std::move(batch).events();
    return pending;
}

Result<void> Outbox::acknowledge(std::string_view sink, std::int64_t through)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    SEAWORTHY_TRY(m_connection.run("UPDATE sink SET acked = max(acked, min(?, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0))) "
                                   "WHERE id = ?",
                                   through, found->id));
    return sweep();
}

Result<Backlog> Outbox::backlog(std::string_view sink)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    Backlog backlog;
    backlog.dropped = found->dropped;
    backlog.expired = found->expired;
    backlog.discarded = found->discarded;
    auto rows = m_connection.query("SELECT count(*), sum(bytes), min(created) FROM event INDEXED BY event_waiting WHERE seq > ?1 "
                                   "AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.sink = ?2 AND parked.seq = event.seq)",
                                   found->acknowledged, found->id);
    const auto row = rows.step();
    if (!row) return tl::make_unexpected(row.error());
    backlog.events = rows.number(0);
    backlog.bytes = rows.number(1);
    backlog.oldest = rows.number(2);
    const auto parked = m_connection.count("SELECT count(*) FROM parked WHERE sink = ?", found->id);
    if (!parked) return tl::make_unexpected(parked.error());
    backlog.parked = *parked;
    return backlog;
}

Result<void> Outbox::park(std::string_view sink, std::int64_t sequence, std::string_view reason, int status, Milliseconds now)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    const auto kept = reason.substr(0, k_resource_bytes);
    SEAWORTHY_TRY(make_room(kept.size()));
    return m_connection.run("INSERT OR REPLACE INTO parked (sink, seq, reason, status, at, retry) "
                            "SELECT ?1, seq, ?3, ?4, ?5, 0 FROM event WHERE seq = ?2",
                            found->id, sequence, kept, status, now);
}

Result<void> Outbox::unpark(std::string_view sink, std::int64_t sequence)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    SEAWORTHY_TRY(m_connection.run("DELETE FROM parked WHERE sink = ? AND seq = ?", found->id, sequence));
    return m_connection.changes() == 0 ? Result<void>{} : release(sequence);
}

Result<std::vector<Parked>> Outbox::parked(std::string_view sink, std::size_t limit)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    std::vector<Parked> all;
    auto rows = m_connection.query("SELECT seq, uid, finding, code, class, severity, control, check_id, ns, created, body, reason, status, at "
                                   "FROM parked JOIN event USING (seq) WHERE sink = ? ORDER BY seq LIMIT ?",
                                   found->id, limit);
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) return all;
        auto& parked = all.emplace_back(Parked{.event = event_of(rows)});
        int column = k_body_column;
        parked.event.body = rows.text(column++);
        parked.reason = rows.text(column++);
        parked.status = static_cast<int>(rows.number(column++));
        parked.at = rows.number(column++);
    }
}

Result<std::int64_t> Outbox::retry_parked(std::string_view sink)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    SEAWORTHY_TRY(m_connection.run("UPDATE parked SET retry = 1 WHERE sink = ? AND retry = 0", found->id));
    return m_connection.changes();
}

Result<Outbox::Step> Outbox::drop_parked(std::string_view sink, std::int64_t limit)
{
    const auto found = find_sink(sink);
    if (!found) return tl::make_unexpected(found.error());
    const auto parked = numbers_of(m_connection.query("SELECT seq FROM parked WHERE sink = ? ORDER BY seq LIMIT ?", found->id, limit));
    if (!parked) return tl::make_unexpected(parked.error());
    for (const auto sequence : *parked) {
        SEAWORTHY_TRY(m_connection.run("DELETE FROM parked WHERE sink = ? AND seq = ?", found->id, sequence));
        SEAWORTHY_TRY(release(sequence));
    }
    SEAWORTHY_TRY(
        m_connection.run("UPDATE sink SET dropped = dropped + ?1, discarded = discarded + ?1 WHERE id = ?2", std::ssize(*parked), found->id));
    return Step{std::ssize(*parked), std::ssize(*parked)};
}

} // namespace seaworthy::state

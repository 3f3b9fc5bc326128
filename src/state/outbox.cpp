// SPDX-License-Identifier: Apache-2.0
#include "state/outbox.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "state/bounds.hpp"

namespace seaworthy::state {
namespace {

constexpr std::string_view k_superseding = "finding_changed"; ///< also in the declaration of the index event_changed
constexpr std::uint64_t k_row_overhead_bytes = 512;           ///< of an event's other columns

} // namespace

Result<std::int64_t> Outbox::next_sequence()
{
    auto last = m_connection.count("SELECT seq FROM sqlite_sequence WHERE name = 'event'");
    if (!last) return last;
    return *last + 1;
}

Result<bool> Outbox::append(const EventRow& event)
{
    SEAWORTHY_TRY(check_bounds({{"an event's uid", event.uid, k_name_bytes},
                                {"an event's finding", event.finding, k_name_bytes},
                                {"an event's code", event.code, k_name_bytes},
                                {"an event's class", event.event_class, k_name_bytes},
                                {"an event's control", event.control, k_name_bytes},
                                {"an event's check", event.check, k_name_bytes},
                                {"an event's namespace", event.ns, k_name_bytes},
                                {"an event's body", event.body, k_body_bytes}}));
    const auto known = m_connection.number("SELECT 1 FROM event WHERE uid = ?", event.uid);
    if (!known) return tl::make_unexpected(known.error());
    if (*known) return false;
    SEAWORTHY_TRY(make_room(event.body.size() + k_row_overhead_bytes));
    const auto sequence = next_sequence();
    if (!sequence) return tl::make_unexpected(sequence.error());
    if (event.code == k_superseding)
        SEAWORTHY_TRY(m_connection.run("INSERT OR IGNORE INTO superseded SELECT max(seq) FROM event WHERE finding = ? AND code = 'finding_changed' "
                                       "HAVING max(seq) IS NOT NULL",
                                       event.finding));
    SEAWORTHY_TRY(m_connection.run("INSERT INTO event (uid, finding, code, class, severity, control, check_id, ns, created, bytes, body) "
                                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   event.uid, event.finding, event.code, event.event_class, event.severity, event.control, event.check, event.ns,
                                   event.created, event.body.size(), event.body));
    return true;
}

Result<std::optional<Dropped>> Outbox::dropped()
{
    auto rows = m_connection.query("SELECT count, expired, first_seq, last_seq FROM dropped WHERE count > 0");
    const auto row = rows.step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return std::nullopt;
    return Dropped{rows.number(0), rows.number(1), rows.number(2), rows.number(3)};
}

Result<void> Outbox::forget_dropped()
{
    return m_connection.run("UPDATE dropped SET count = 0, expired = 0, first_seq = 0, last_seq = 0");
}

Result<void> Outbox::erase(std::int64_t sequence)
{
    SEAWORTHY_TRY(m_connection.run("DELETE FROM superseded WHERE seq = ?", sequence));
    return m_connection.run("DELETE FROM event WHERE seq = ?", sequence);
}

/// True: some sink did not have the event.
Result<bool> Outbox::give_up(std::int64_t sequence, Cause cause)
{
    const int is_old = cause == Cause::age ? 1 : 0;
    SEAWORTHY_TRY(m_connection.run("UPDATE sink SET dropped = dropped + 1, expired = expired + ?2 WHERE acked < ?1 "
                                   "OR EXISTS (SELECT 1 FROM parked WHERE parked.sink = sink.id AND parked.seq = ?1)",
                                   sequence, is_old));
    const bool is_missed = m_connection.changes() > 0;
    if (is_missed)
        SEAWORTHY_TRY(m_connection.run("UPDATE dropped SET first_seq = iif(count = 0, ?1, min(first_seq, ?1)), last_seq = max(last_seq, ?1), "
                                       "count = count + 1, expired = expired + ?2",
                                       sequence, is_old));
    SEAWORTHY_TRY(m_connection.run("DELETE FROM parked WHERE seq = ?", sequence));
    SEAWORTHY_TRY(erase(sequence));
    return is_missed;
}

Result<void> Outbox::make_room(std::uint64_t bytes)
{
    const auto wanted = m_space.wanted_pages(bytes);
    for (;;) {
        if (m_sure_pages < wanted) {
            const auto free = m_space.free_pages(m_connection);
            if (!free) return tl::make_unexpected(free.error());
            m_sure_pages = *free;
        }
        if (m_sure_pages >= wanted) {
            m_sure_pages -= wanted; // more than what is written takes, as there are spare pages in it
            return {};
        }
        auto victim = m_connection.number("SELECT seq FROM superseded ORDER BY seq LIMIT 1");
        if (victim && !*victim) victim = m_connection.number("SELECT seq FROM event ORDER BY seq LIMIT 1");
        if (!victim) return tl::make_unexpected(victim.error());
        if (!*victim)
            return failure(Error::Kind::internal, fmt::format("state database {} is full of what is not events", m_connection.path()),
                           "raise spool.maxBytes");
        const auto given_up = give_up(**victim, Cause::room);
        if (!given_up) return tl::make_unexpected(given_up.error());
    }
}

Result<Outbox::Step> Outbox::drop_older_than(Milliseconds time, std::int64_t limit)
{
    const auto old =
        numbers_of(m_connection.query("SELECT seq FROM event INDEXED BY event_waiting WHERE created < ? ORDER BY seq LIMIT ?", time, limit));
    if (!old) return tl::make_unexpected(old.error());
    Step step;
    for (const auto sequence : *old) {
        const auto is_missed = give_up(sequence, Cause::age);
        if (!is_missed) return tl::make_unexpected(is_missed.error());
        ++step.seen;
        step.given_up += *is_missed ? 1 : 0;
    }
    return step;
}

/// Deletes what every sink has.
Result<void> Outbox::sweep()
{
    const auto all_have = m_connection.count("SELECT min(acked) FROM sink");
    if (!all_have) return tl::make_unexpected(all_have.error());
    if (*all_have <= m_swept) return {};
    const auto done = numbers_of(m_connection.query("SELECT seq FROM event INDEXED BY event_waiting WHERE seq > ? AND seq <= ? "
                                                    "AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.seq = event.seq) ORDER BY seq LIMIT ?",
                                                    m_swept, *all_have, k_events_at_once));
    if (!done) return tl::make_unexpected(done.error());
    for (const auto sequence : *done)
        SEAWORTHY_TRY(erase(sequence));
    m_swept = std::ssize(*done) < k_events_at_once ? *all_have : done->back();
    return {};
}

/// Deletes an event that is not parked any more for some sink, if every sink has it.
Result<void> Outbox::release(std::int64_t sequence)
{
    const auto wanted =
        m_connection.count("SELECT (SELECT count(*) FROM parked WHERE seq = ?1) + (SELECT count(*) FROM sink WHERE acked < ?1)", sequence);
    if (!wanted) return tl::make_unexpected(wanted.error());
    if (*wanted == 0) return erase(sequence);
    m_swept = std::min(m_swept, sequence - 1);
    return {};
}

} // namespace seaworthy::state

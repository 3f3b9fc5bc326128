// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/state/store.hpp"

#include <utility>

#include "state/bounds.hpp"
#include "state/database.hpp"

namespace seaworthy::state {
namespace {

FindingRow finding_of(const Query& row)
{
    FindingRow finding;
    int column = 0;
    finding.uid = row.text(column++);
    finding.check = row.text(column++);
    finding.resource = row.text(column++);
    finding.phase = row.text(column++);
    finding.status = row.text(column++);
    finding.severity = row.text(column++);
    finding.episode = row.number(column++);
    finding.revision = row.number(column++);
    finding.first_seen = row.number(column++);
    finding.last_change = row.number(column++);
    finding.memory = row.text(column++);
    return finding;
}

Result<void> set_note(Database& database, std::string_view name, std::string_view value)
{
    SEAWORTHY_TRY(check_bounds({{"a note's name", name, k_name_bytes}, {"a note", value, k_memory_bytes}}));
    SEAWORTHY_TRY(database.outbox().make_room(value.size()));
    return database.connection().run("INSERT OR REPLACE INTO note VALUES (?, ?)", name, value);
}

class Changes final : public Writer {
public:
    explicit Changes(Database& database) : m_database(database) {}

    Result<std::int64_t> next_sequence() override { return m_database.outbox().next_sequence(); }

    Result<void> put(const FindingRow& finding) override
    {
        SEAWORTHY_TRY(check_bounds({{"a finding's uid", finding.uid, k_name_bytes},
                                    {"a finding's check", finding.check, k_name_bytes},
                                    {"a finding's resource", finding.resource, k_resource_bytes},
                                    {"a finding's phase", finding.phase, k_name_bytes},
                                    {"a finding's status", finding.status, k_name_bytes},
                                    {"a finding's severity", finding.severity, k_name_bytes},
                                    {"a finding's memory", finding.memory, k_memory_bytes}}));
        SEAWORTHY_TRY(m_database.outbox().make_room(finding.resource.size() + finding.memory.size()));
        return m_database.connection().run("INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", finding.uid, finding.check,
                                           finding.resource, finding.phase, finding.status, finding.severity, finding.episode, finding.revision,
                                           finding.first_seen, finding.last_change, finding.memory);
    }

    Result<void> erase_finding(std::string_view uid) override { return m_database.connection().run("DELETE FROM finding WHERE uid = ?", uid); }
    Result<bool> append(const EventRow& event) override { return m_database.outbox().append(event); }
    Result<std::optional<Dropped>> dropped() override { return m_database.outbox().dropped(); }
    Result<void> dropped_reported() override { return m_database.outbox().forget_dropped(); }
    Result<void> set_note(std::string_view name, std::string_view value) override { return state::set_note(m_database, name, value); }

private:
    Database& m_database;
};

/// What `body` gives, from within a transaction.
template <typename T, typename Body>
Result<T> in_transaction(Database& database, const Body& body)
{
    const std::lock_guard lock{database.mutex()};
    Result<T> given{};
    const auto done = database.transaction([&]() -> Result<void> {
        given = body();
        if (!given) return tl::make_unexpected(given.error());
        return {};
    });
    if (!done) return tl::make_unexpected(done.error());
    return given;
}

/// What `body` gives in all, called until it gives less than it may at once.
template <typename Body>
Result<std::int64_t> in_steps(Database& database, const Body& body)
{
    std::int64_t sum = 0;
    for (;;) {
        const auto step = in_transaction<Outbox::Step>(database, body);
        if (!step) return tl::make_unexpected(step.error());
        sum += step->given_up;
        if (step->seen < k_events_at_once) return sum;
    }
}

} // namespace

Store::Store(std::unique_ptr<Database> database) : m_database(std::move(database)) {}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options)
{
    auto database = std::make_unique<Database>(std::move(options));
    SEAWORTHY_TRY(database->open());
    return std::unique_ptr<Store>{new Store{std::move(database)}};
}

const std::string& Store::quarantined() const
{
    return m_database->quarantined();
}

Result<void> Store::write(const std::function<Result<void>(Writer&)>& body)
{
    const std::lock_guard lock{m_database->mutex()};
    Changes changes{*m_database};
    return m_database->transaction([&] { return body(changes); });
}

Result<void> Store::for_each_finding(const std::function<void(const FindingRow&)>& visit)
{
    const std::lock_guard lock{m_database->mutex()};
    auto rows = m_database->connection().query("SELECT * FROM finding");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) return {};
        visit(finding_of(rows));
    }
}

Result<std::optional<FindingRow>> Store::finding(std::string_view uid)
{
    const std::lock_guard lock{m_database->mutex()};
    auto rows = m_database->connection().query("SELECT * FROM finding WHERE uid = ?", uid);
    const auto row = rows.step();
    if (!row) return tl::make_unexpected(row.error());
    return *row ? std::optional{finding_of(rows)} : std::nullopt;
}

Result<std::string> Store::note(std::string_view name)
{
    const std::lock_guard lock{m_database->mutex()};
    auto rows = m_database->connection().query("SELECT value FROM note WHERE name = ?", name);
    const auto row = rows.step();
    if (!row) return tl::make_unexpected(row.error());
    return *row ? rows.text(0) : std::string{};
}

Result<void> Store::set_sinks(const std::vector<std::string>& names)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->transaction([&] { return m_database->outbox().set_sinks(names); });
}

Result<Pending> Store::pending(std::string_view sink, std::int64_t after, Limits limits, const std::function<bool(const EventRow&)>& wanted)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->outbox().pending(sink, after, limits, wanted);
}

Result<void> Store::acknowledge(std::string_view sink, std::int64_t through)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->transaction([&] { return m_database->outbox().acknowledge(sink, through); });
}

Result<void> Store::park(std::string_view sink, std::int64_t sequence, std::string_view reason, int status)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->transaction([&] { return m_database->outbox().park(sink, sequence, reason, status, m_database->now()); });
}

Result<void> Store::unpark(std::string_view sink, std::int64_t sequence)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->transaction([&] { return m_database->outbox().unpark(sink, sequence); });
}

Result<std::vector<Parked>> Store::parked(std::string_view sink, std::size_t limit)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->outbox().parked(sink, limit);
}

Result<std::int64_t> Store::retry_parked(std::string_view sink)
{
    return in_transaction<std::int64_t>(*m_database, [&] { return m_database->outbox().retry_parked(sink); });
}

Result<std::int64_t> Store::drop_parked(std::string_view sink)
{
    return in_steps(*m_database, [&] { return m_database->outbox().drop_parked(sink, k_events_at_once); });
}

Result<Backlog> Store::backlog(std::string_view sink)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->outbox().backlog(sink);
}

Result<std::int64_t> Store::drop_older_than(Milliseconds time)
{
    return in_steps(*m_database, [&] { return m_database->outbox().drop_older_than(time, k_events_at_once); });
}

Result<StoreUsage> Store::usage()
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->space().usage(m_database->connection());
}

WriteFailures Store::write_failures() const
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->write_failures();
}

Result<void> Store::observe(std::string_view kind, const std::vector<Observation>& observations, Milliseconds oldest, Keep keep)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->transaction([&] { return m_database->chronicle().observe(kind, observations, oldest, keep); });
}

Result<std::vector<Observation>> Store::observations(std::string_view kind)
{
    const std::lock_guard lock{m_database->mutex()};
    return m_database->chronicle().all(kind);
}

} // namespace seaworthy::state

// SPDX-License-Identifier: Apache-2.0
#include "state/database.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "seaworthy/base/timestamp.hpp"
#include "state/location.hpp"
#include "state/schema.hpp"

namespace seaworthy::state {
namespace {

/// Before the first access: the lock that keeps others out is then taken with it, and the log's index needs no shared memory. Of an event of
/// 3 kB four lie on a page; with pages of 4 KiB it would be one, and writing them would take half as long again.
constexpr std::string_view k_before_access = R"sql(
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA page_size = 16384;
PRAGMA auto_vacuum = NONE;
PRAGMA temp_store = MEMORY;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA cache_size = -2048;
)sql";

constexpr std::int64_t k_heap_bytes = 8 << 20; ///< that SQLite tries to stay below, in the whole process

/// What the log may be longer than its place: then it cannot be brought into the database.
constexpr std::uint64_t k_log_factor = 2;

/// More than the log can have held of numbers: after commits were lost with a part of it, none of theirs is given again.
constexpr std::int64_t k_numbers_skipped = 1'000'000;

bool means_damage(int code)
{
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

/// What a database that was just made holds.
Result<std::string> expected_declarations()
{
    Connection memory;
    SEAWORTHY_TRY(memory.open(":memory:"));
    SEAWORTHY_TRY(migrate(memory));
    return declarations(memory);
}

} // namespace

Milliseconds Database::now() const
{
    if (m_options.now) return m_options.now();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<void> Database::open()
{
    SEAWORTHY_TRY(check_location(m_options.path));
    const auto bytes = file_bytes(m_options.path);
    SEAWORTHY_TRY(claim_file(m_options.path));
    const auto condition = connect(bytes == 0 ? Origin::emptied : Origin::ours);
    if (!condition) return tl::make_unexpected(condition.error());
    if (*condition == Condition::sound) return reserve();

    m_connection.close();
    auto aside = move_aside(m_options.path, Timestamp{now() / 1000});
    if (!aside) return tl::make_unexpected(aside.error());
    const auto begin_anew = [this]() -> Result<void> {
        m_connection.close();
        remove_database(m_options.path);
        SEAWORTHY_TRY(claim_file(m_options.path));
        const auto fresh = connect(Origin::ours);
        if (!fresh) return tl::make_unexpected(fresh.error());
        return reserve();
    };
    m_quarantined = *aside;
    auto begun = begin_anew();
    if (begun || available_bytes(m_options.path) >= m_space.capacity_bytes() + m_space.log_bytes()) return begun;
    // To go on is worth more than the copy.
    remove_database(*aside);
    m_quarantined += " (deleted, as the volume has no room for both)";
    return begin_anew();
}

/// Opens, takes the lock, and sees whether it is a sound state database of the last version.
Result<Database::Condition> Database::connect(Origin origin)
{
    sqlite3_soft_heap_limit64(k_heap_bytes);
    SEAWORTHY_TRY(m_connection.open(m_options.path));
    sqlite3_db_config(m_connection.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    auto examined = examine(origin);
    if (!examined && means_damage(m_connection.failure_code())) return Condition::damaged;
    return examined;
}

Result<Database::Condition> Database::examine(Origin origin)
{
    SEAWORTHY_TRY(m_connection.script(std::string{k_before_access}));
    SEAWORTHY_TRY(m_connection.script("BEGIN EXCLUSIVE; ROLLBACK"));
    // Only now: it may have been a file that another process had just made.
    if (origin == Origin::emptied) return Condition::damaged;
    {
        auto mode = m_connection.query("PRAGMA journal_mode = WAL");
        const auto row = mode.step();
        if (!row) return tl::make_unexpected(row.error());
        if (mode.text(0) != "wal")
            return failure(Error::Kind::internal, fmt::format("state database {} cannot keep a write-ahead log", m_options.path));
    }
    int keep = 1; // the log's file, whose place is taken
    sqlite3_file_control(m_connection.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    SEAWORTHY_TRY(set_durability(m_connection));
    SEAWORTHY_TRY(migrate(m_connection));
    {
        auto check = m_connection.query("PRAGMA quick_check(1)");
        const auto row = check.step();
        if (!row) return tl::make_unexpected(row.error());
        if (check.text(0) != "ok") return Condition::damaged;
    }
    const auto expected = expected_declarations();
    if (!expected) return tl::make_unexpected(expected.error());
    const auto found = declarations(m_connection);
    if (!found) return tl::make_unexpected(found.error());
    return *found == *expected ? Condition::sound : Condition::damaged;
}

Result<void> Database::reserve()
{
    const auto log_bytes = file_bytes(log_path(m_options.path)).value_or(0);
    const auto reserved = reserved_log_bytes(m_connection);
    if (!reserved) return tl::make_unexpected(reserved.error());
    SEAWORTHY_TRY(m_space.reserve(m_connection, m_options.max_bytes));
    if (log_bytes >= *reserved) return {};
    return m_connection.run("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'event'", k_numbers_skipped);
}

/// Counts a transaction that failed as the disk did, and not as what was to be written.
void Database::note_failure()
{
    constexpr std::pair<int, std::string_view> k_causes[] = {{SQLITE_IOERR, "io_error"},     {SQLITE_FULL, "disk_full"},
                                                             {SQLITE_READONLY, "read_only"}, {SQLITE_CANTOPEN, "io_error"},
                                                             {SQLITE_CORRUPT, "damaged"},    {SQLITE_NOTADB, "damaged"}};
    for (const auto& [code, cause] : k_causes)
        if (code == m_connection.failure_code()) m_write_failures = {m_write_failures.count + 1, now(), cause};
}

Result<void> Database::keep_log_short()
{
    const auto log_bytes = file_bytes(log_path(m_options.path)).value_or(0);
    if (log_bytes <= k_log_factor * m_space.log_bytes()) return {};
    // SQLite says nothing when it cannot bring the log into the database after a commit, and lets it grow.
    return m_connection.run("PRAGMA wal_checkpoint(PASSIVE)");
}

} // namespace seaworthy::state

// SPDX-License-Identifier: Apache-2.0
#include "state/schema.hpp"

#include <array>

#include <fmt/format.h>

namespace seaworthy::state {
namespace {

constexpr std::int64_t k_application_id = 0x53777479; ///< PRAGMA application_id: tells a state database from another program's

constexpr std::array<std::string_view, 2> k_migrations = {
    // 1. `event_waiting` holds what is asked of all events at once, so that their bodies need not be read for it.
    R"sql(
CREATE TABLE finding (
  uid TEXT NOT NULL PRIMARY KEY, check_id TEXT NOT NULL, resource TEXT NOT NULL, phase TEXT NOT NULL, status TEXT NOT NULL,
  severity TEXT NOT NULL, episode INTEGER NOT NULL, revision INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_change INTEGER NOT NULL,
  memory TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, finding TEXT NOT NULL, code TEXT NOT NULL, class TEXT NOT NULL,
  severity INTEGER NOT NULL, control TEXT NOT NULL, check_id TEXT NOT NULL, ns TEXT NOT NULL, created INTEGER NOT NULL,
  bytes INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX event_waiting ON event (seq, created, bytes);
CREATE INDEX event_changed ON event (finding) WHERE code = 'finding_changed';
CREATE TABLE superseded (seq INTEGER PRIMARY KEY) STRICT;
CREATE TABLE dropped (count INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL) STRICT;
INSERT INTO dropped VALUES (0, 0, 0);
CREATE TABLE sink (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, acked INTEGER NOT NULL, dropped INTEGER NOT NULL
) STRICT;
CREATE TABLE parked (
  sink INTEGER NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, status INTEGER NOT NULL, at INTEGER NOT NULL, retry INTEGER NOT NULL,
  PRIMARY KEY (sink, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_event ON parked (seq);
CREATE TABLE note (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE observation (
  kind TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX observation_age ON observation (kind, at);
)sql",
    // 2. Why events were given up: `dropped` stays the number of all, what is in neither of the others went for lack of room.
    R"sql(
ALTER TABLE dropped ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sink ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sink ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;
)sql",
};

Result<void> take_step(Connection& connection, std::string_view step, std::size_t version)
{
    auto transaction = Transaction::begin(connection);
    if (!transaction) return tl::make_unexpected(transaction.error());
    SEAWORTHY_TRY(connection.script(std::string{step}));
    SEAWORTHY_TRY(connection.script(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", version, k_application_id)));
    return transaction->commit();
}

} // namespace

std::span<const std::string_view> migrations()
{
    return k_migrations;
}

Result<bool> is_blank(Connection& connection)
{
    const auto tables = connection.count("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tl::make_unexpected(tables.error());
    const auto version = connection.count("PRAGMA user_version");
    if (!version) return tl::make_unexpected(version.error());
    return *tables == 0 && *version == 0;
}

Result<void> migrate(Connection& connection, std::span<const std::string_view> steps)
{
    const auto blank = is_blank(connection);
    if (!blank) return tl::make_unexpected(blank.error());
    const auto application = connection.count("PRAGMA application_id");
    if (!application) return tl::make_unexpected(application.error());
    if (!*blank && *application != k_application_id)
        return failure(Error::Kind::usage, fmt::format("{} is a database of another program", connection.path()),
                       "set spool.path to a file of Seaworthy's own");
    const auto version = connection.count("PRAGMA user_version");
    if (!version) return tl::make_unexpected(version.error());
    const auto latest = static_cast<std::int64_t>(steps.size());
    if (*version < 0 || *version > latest)
        return failure(
            Error::Kind::usage,
            fmt::format("state database {} has version {} of the schema; this program knows versions up to {}", connection.path(), *version, latest),
            "run the version of Seaworthy that wrote it or a later one, or move the file away to begin anew");
    for (auto next = static_cast<std::size_t>(*version); next < steps.size(); ++next)
        SEAWORTHY_TRY(take_step(connection, steps[next], next + 1));
    return {};
}

Result<std::string> declarations(Connection& connection)
{
    std::string text;
    auto rows = connection.query("SELECT coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name != 'reserve' "
                                 "ORDER BY type, name");
    for (;;) {
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) return text;
        text.append(rows.text(0)).push_back('\n');
    }
}

} // namespace seaworthy::state

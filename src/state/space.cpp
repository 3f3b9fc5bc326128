// SPDX-License-Identifier: Apache-2.0
#include "state/space.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "state/location.hpp"

namespace seaworthy::state {
namespace {

/// Pages of the largest transaction that is sure to have room: 1,000 events of 4 kB on a third of a page each, the indexes of 80,000 changed all
/// over, and a page for each of 1,000 findings.
constexpr std::uint64_t k_largest_transaction_pages = 2048;
constexpr std::uint64_t k_checkpointed_pages = 64; ///< so many in the log are brought into the database with the next commit
constexpr std::uint64_t k_least_pages = 64;
constexpr std::int64_t k_rows_at_once = 200; ///< of the reserve
/// Pages that the reserve leaves free: for its own interior pages, and so that its rows can be deleted.
constexpr std::uint64_t k_left_free_pages = 8;
constexpr std::int64_t k_spare_pages = 16;
constexpr std::uint64_t k_frame_header_bytes = 24; ///< of the log, https://sqlite.org/fileformat2.html#walformat
constexpr std::uint64_t k_row_head_bytes = 64;     ///< less than a row of the reserve leaves of its page
constexpr std::string_view k_log_bytes_note = "state.logBytes";

Result<std::uint64_t> size_of(Connection& connection, std::string_view pragma)
{
    const auto number = connection.count(pragma);
    if (!number) return tl::make_unexpected(number.error());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
}

} // namespace

Result<void> set_durability(Connection& connection)
{
    return connection.script(
        fmt::format("PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF; PRAGMA wal_autocheckpoint = {}", k_checkpointed_pages));
}

std::string log_path(const std::string& path)
{
    return path + "-wal";
}

Result<std::uint64_t> reserved_log_bytes(Connection& connection)
{
    const auto bytes = connection.count("SELECT CAST(value AS INTEGER) FROM note WHERE name = ?", k_log_bytes_note);
    if (!bytes) return tl::make_unexpected(bytes.error());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*bytes, 0));
}

Result<void> Space::reserve(Connection& connection, std::uint64_t max_bytes)
{
    const auto page_bytes = size_of(connection, "PRAGMA page_size");
    if (!page_bytes) return tl::make_unexpected(page_bytes.error());
    const auto present = size_of(connection, "PRAGMA page_count");
    if (!present) return tl::make_unexpected(present.error());
    m_page_bytes = *page_bytes;
    m_pages = max_bytes / m_page_bytes;
    if (m_pages < k_least_pages)
        return failure(Error::Kind::usage, fmt::format("state database {}: {} bytes are too few", connection.path(), max_bytes),
                       fmt::format("give it at least {}", k_least_pages * m_page_bytes));
    const auto log_present = file_bytes(log_path(connection.path())).value_or(0);
    const auto log_reserved = reserved_log_bytes(connection);
    if (!log_reserved) return tl::make_unexpected(log_reserved.error());
    const bool is_new = *log_reserved == 0;
    const bool is_grown = *present + k_left_free_pages >= m_pages;
    if (!is_grown || is_new || log_present < *log_reserved) {
        const auto missing = (is_grown ? 0 : m_pages - *present) * m_page_bytes + (log_bytes() > log_present ? log_bytes() - log_present : 0);
        const auto available = available_bytes(connection.path());
        if (available >= missing) {
            SEAWORTHY_TRY(connection.script(fmt::format("PRAGMA max_page_count = {}", std::max(m_pages, *present))));
            SEAWORTHY_TRY(fill(connection));
        } else if (is_new) {
            return failure(Error::Kind::usage,
                           fmt::format("state database {} needs {} MiB more than the {} MiB that its volume has left", connection.path(),
                                       ((missing - available) >> 20U) + 1, available >> 20U),
                           "give it a larger volume, or lower spool.maxBytes");
        }
    }
    SEAWORTHY_TRY(connection.script("DROP TABLE IF EXISTS reserve"));
    const auto taken = size_of(connection, "PRAGMA page_count");
    if (!taken) return tl::make_unexpected(taken.error());
    m_pages = std::min(m_pages, *taken); // no page beyond those whose places are taken
    return connection.script(fmt::format("PRAGMA max_page_count = {}", *taken));
}

/// Takes the places of all pages and of the log. Not synced at each commit: what a power loss takes of the reserve is made again.
Result<void> Space::fill(Connection& connection) const
{
    SEAWORTHY_TRY(connection.script(fmt::format("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = {}; "
                                                "CREATE TABLE IF NOT EXISTS reserve (content BLOB)",
                                                log_pages())));
    for (std::uint64_t present = 0; present + k_left_free_pages < m_pages;) {
        const auto free = free_pages(connection);
        if (!free) return tl::make_unexpected(free.error());
        const auto rows = std::min<std::int64_t>(k_rows_at_once, *free - static_cast<std::int64_t>(k_left_free_pages));
        if (rows <= 0) break;
        SEAWORTHY_TRY(connection.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                                     "INSERT INTO reserve SELECT zeroblob(?) FROM n",
                                     rows, m_page_bytes - k_row_head_bytes));
        const auto grown = size_of(connection, "PRAGMA page_count");
        if (!grown) return tl::make_unexpected(grown.error());
        present = *grown;
    }
    // Each of these commits adds a page to the log, until it is so long that it begins anew.
    const auto log = log_path(connection.path());
    for (std::uint64_t bytes = 0; bytes < log_bytes(); bytes = file_bytes(log).value_or(0))
        SEAWORTHY_TRY(connection.run("INSERT OR REPLACE INTO note VALUES (?, ?)", k_log_bytes_note, std::to_string(bytes)));
    SEAWORTHY_TRY(connection.script("DROP TABLE reserve"));
    SEAWORTHY_TRY(set_durability(connection));
    SEAWORTHY_TRY(connection.run("PRAGMA wal_checkpoint(PASSIVE)"));
    return connection.run("INSERT OR REPLACE INTO note VALUES (?, ?)", k_log_bytes_note, std::to_string(file_bytes(log).value_or(0)));
}

std::uint64_t Space::log_pages() const
{
    return std::min(m_pages, k_largest_transaction_pages) + k_checkpointed_pages;
}

std::uint64_t Space::log_bytes() const
{
    return log_pages() * (m_page_bytes + k_frame_header_bytes);
}

Result<std::int64_t> Space::free_pages(Connection& connection) const
{
    auto present = connection.count("PRAGMA page_count");
    if (!present) return present;
    auto unused = connection.count("PRAGMA freelist_count");
    if (!unused) return unused;
    return static_cast<std::int64_t>(m_pages) - (*present - *unused);
}

Result<StoreUsage> Space::usage(Connection& connection) const
{
    const auto free = free_pages(connection);
    if (!free) return tl::make_unexpected(free.error());
    const auto used = static_cast<std::uint64_t>(static_cast<std::int64_t>(m_pages) - *free);
    return StoreUsage{used * m_page_bytes, capacity_bytes()};
}

std::int64_t Space::wanted_pages(std::uint64_t bytes) const
{
    return k_spare_pages + static_cast<std::int64_t>(bytes / (m_page_bytes - sizeof(std::uint32_t)));
}

} // namespace seaworthy::state

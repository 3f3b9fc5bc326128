// SPDX-License-Identifier: Apache-2.0
#include "state/space.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "state/location.hpp"

namespace seaworthy::state {
namespace {

/// Pages of the largest transaction that is sure to have room: 2,000 events of 4 kB, as many given up, and the indexes of 60,000 changed all over.
constexpr std::uint64_t k_largest_transaction_pages = 6144;
constexpr std::uint64_t k_least_pages = 256;
/// Pages that the reserve leaves free: for its own interior pages, and so that its rows can be deleted.
constexpr std::uint64_t k_left_free_pages = 32;
constexpr std::int64_t k_spare_pages = 24;
constexpr std::uint64_t k_frame_header_bytes = 24; ///< of the log, https://sqlite.org/fileformat2.html#walformat
constexpr std::uint64_t k_row_bytes = 4000;        ///< fills a page to the point that a second row does not fit
constexpr std::string_view k_log_bytes_note = "state.logBytes";

Result<std::uint64_t> size_of(Connection& connection, std::string_view pragma)
{
    const auto number = connection.count(pragma);
    if (!number) return tl::make_unexpected(number.error());
    return static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0));
}

} // namespace

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

Result<void> Space::fill(Connection& connection) const
{
    // Not synced at each commit: what a power loss takes of the reserve is made again.
    SEAWORTHY_TRY(connection.script("PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS reserve (content BLOB)"));
    // At least one round, which makes the log as long as the largest transaction makes it.
    for (std::uint64_t present = 0; present + k_left_free_pages < m_pages;) {
        const auto free = free_pages(connection);
        if (!free) return tl::make_unexpected(free.error());
        const auto rows =
            std::min<std::int64_t>(static_cast<std::int64_t>(k_largest_transaction_pages), *free - static_cast<std::int64_t>(k_left_free_pages));
        if (rows <= 0) break;
        SEAWORTHY_TRY(connection.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                                     "INSERT INTO reserve SELECT zeroblob(?) FROM n",
                                     rows, k_row_bytes));
        const auto grown = size_of(connection, "PRAGMA page_count");
        if (!grown) return tl::make_unexpected(grown.error());
        present = *grown;
    }
    SEAWORTHY_TRY(connection.script("DROP TABLE reserve; PRAGMA synchronous = FULL"));
    return connection.run("INSERT OR REPLACE INTO note VALUES (?, ?)", k_log_bytes_note,
                          std::to_string(file_bytes(log_path(connection.path())).value_or(0)));
}

std::uint64_t Space::log_bytes() const
{
    return std::min(m_pages, k_largest_transaction_pages) * (m_page_bytes + k_frame_header_bytes);
}

Result<std::int64_t> Space::free_pages(Connection& connection) const
{
    const auto present = connection.count("PRAGMA page_count");
    if (!present) return present;
    const auto unused = connection.count("PRAGMA freelist_count");
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

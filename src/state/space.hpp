// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "seaworthy/state/store.hpp"
#include "state/connection.hpp"

namespace seaworthy::state {

/// The room that the database has. A full disk stops SQLite even from deleting, as that writes to the log first; so the places of all pages
/// and of the log are taken at the first start, and pages are only ever reused after that.
class Space {
public:
    /// Takes the places that are not yet taken. What an earlier call was interrupted in goes on. A database that was there stays as large as it
    /// is where the disk has not enough room for more; a new one is refused.
    Result<void> reserve(Connection& connection, std::uint64_t max_bytes);

    /// Pages that may yet be used; negative: there are more in use than there may be, as the limit was lowered.
    [[nodiscard]] Result<std::int64_t> free_pages(Connection& connection) const;
    /// Pages that must be free before something of `bytes` is written: for it, for parts of indexes that split, and for deleting afterwards.
    [[nodiscard]] std::int64_t wanted_pages(std::uint64_t bytes) const;
    [[nodiscard]] Result<StoreUsage> usage(Connection& connection) const;
    [[nodiscard]] std::uint64_t capacity_bytes() const { return m_pages * m_page_bytes; }
    /// What the largest transaction makes of the log.
    [[nodiscard]] std::uint64_t log_bytes() const;

private:
    Result<void> fill(Connection& connection) const;
    [[nodiscard]] std::uint64_t log_pages() const;

    std::uint64_t m_pages = 0;
    std::uint64_t m_page_bytes = 0;
};

/// A commit is synced before it is told. Freed pages are not wiped: that would write each of them once more.
Result<void> set_durability(Connection& connection);

/// How long the log was when its place was taken; 0: not yet. A shorter one has been cut.
[[nodiscard]] Result<std::uint64_t> reserved_log_bytes(Connection& connection);

/// The file that SQLite keeps the log of this database in.
[[nodiscard]] std::string log_path(const std::string& path);

} // namespace seaworthy::state

// SPDX-License-Identifier: Apache-2.0
// Where the database lies: whether it can, and what becomes of a damaged one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::state {

/// What statfs(2) calls a file system whose locks or syncs cannot be relied on; empty for others.
[[nodiscard]] std::string_view refused_file_system(std::int64_t type);

/// Refuses what can never work: no directory, one on a network file system or not writable, something that is no regular file.
Result<void> check_location(const std::string& path);

/// Nothing: there is no such file.
[[nodiscard]] std::optional<std::uint64_t> file_bytes(const std::string& path);

/// Makes the file, readable and writable by its owner only; takes others' rights away from one that is there.
Result<void> claim_file(const std::string& path);

/// What can still be written below the directory of `path`.
[[nodiscard]] std::uint64_t available_bytes(const std::string& path);

/// Renames the database and its log to `<path>.corrupt-<time>`, in place of an earlier such copy: gives that name.
[[nodiscard]] Result<std::string> move_aside(const std::string& path, Timestamp now);
/// Deletes a database and its log.
void remove_database(const std::string& path);

} // namespace seaworthy::state

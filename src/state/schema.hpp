// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "state/connection.hpp"

namespace seaworthy::state {

/// SQL that leads from one version of the schema to the next, the first from nothing to version 1. What was released stays as it is, to the
/// letter: a database is compared with what these texts make. New versions are appended.
[[nodiscard]] std::span<const std::string_view> migrations();

/// Brings the database to the last version, in one transaction a version. Refuses what is no state database and what is of a later version.
Result<void> migrate(Connection& connection, std::span<const std::string_view> steps = migrations());

/// Every table, index, view and trigger as it was declared, but for SQLite's own and the reserve's.
[[nodiscard]] Result<std::string> declarations(Connection& connection);

/// True: nothing was ever written.
[[nodiscard]] Result<bool> is_blank(Connection& connection);

} // namespace seaworthy::state

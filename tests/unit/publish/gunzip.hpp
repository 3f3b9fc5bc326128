// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace seaworthy::test {

/// The content of a gzip file of exactly one member: throws std::runtime_error for anything wrong, bytes after it included.
[[nodiscard]] std::string gunzip(std::string_view file);

} // namespace seaworthy::test

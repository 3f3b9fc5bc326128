// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>

#include "seaworthy/base/error.hpp"

namespace seaworthy::app {

/// Writes a file whole or not at all: into a temporary file beside it, synced, then renamed over it. What is there and no regular file
/// (a pipe, /dev/stdout) is written to directly.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file, const std::function<void(std::ostream&)>& write);

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "seaworthy/base/error.hpp"

namespace seaworthy {

/// A file's whole content; an error names the file and the system's reason. Larger ones than `max_bytes` are refused.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 4U << 20U);

} // namespace seaworthy

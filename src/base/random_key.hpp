// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace seaworthy {

/// Four random words, drawn once a process.
[[nodiscard]] const std::array<std::uint64_t, 4>& process_key();

} // namespace seaworthy

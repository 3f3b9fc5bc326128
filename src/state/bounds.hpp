// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "seaworthy/base/error.hpp"

namespace seaworthy::state {

// What texts may be long, in bytes.
constexpr std::size_t k_name_bytes = 256; ///< uids, ids, words
constexpr std::size_t k_resource_bytes = 1024;
constexpr std::size_t k_memory_bytes = 4096; ///< what callers keep of their own making
constexpr std::size_t k_body_bytes = std::size_t{256} << 10U;
constexpr std::size_t k_observation_bytes = std::size_t{128} << 10U;

struct Bounded {
    std::string_view what;
    std::string_view text;
    std::size_t most;
};

/// Refuses the first text that is too long.
Result<void> check_bounds(std::initializer_list<Bounded> texts);

} // namespace seaworthy::state

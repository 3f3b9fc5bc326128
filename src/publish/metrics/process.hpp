// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace seaworthy::publish {

/// What the kernel says of this process; what /proc does not give is not set.
struct ProcessFacts {
    std::optional<double> cpu_seconds;
    std::optional<double> max_fds;
    std::optional<double> open_fds;
    std::optional<double> resident_bytes;
    std::optional<double> start_time_seconds; ///< since 1970
    std::optional<double> virtual_bytes;
};

[[nodiscard]] ProcessFacts read_process_facts();

} // namespace seaworthy::publish

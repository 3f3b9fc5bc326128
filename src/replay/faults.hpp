// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

/// Counts the requests against the script. Thread-safe.
class FaultScript {
public:
    void replace(std::vector<Fault> faults);
    /// The first fault that strikes this request; every fault counts every request that it matches.
    [[nodiscard]] std::optional<Fault> strike(std::string_view path, std::string_view target);

private:
    struct Line {
        Fault fault;
        unsigned seen = 0;
    };

    std::mutex m_mutex;
    std::vector<Line> m_lines;
};

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace seaworthy::publish {

/// One sink at this moment, as metrics, page and `sinks list` show it. Counts are since the daemon's start.
struct SinkFacts {
    std::string name;
    std::string type;
    std::string state; ///< ok | retrying | auth_failed | paused | disabled
    std::string last_error;
    std::optional<double> last_success;            ///< seconds since 1970
    std::uint64_t events = 0;                      ///< tries of events to be delivered
    std::map<std::string, std::uint64_t> failures; ///< by reason: transient | sink_fault | too_large | event_fault
    std::map<std::string, std::uint64_t> retries;  ///< of batches, by reason: transient | sink_fault | replay
    std::map<std::string, std::uint64_t> dropped;  ///< by reason: spool_full | expired | rejected | discarded
    std::int64_t parked = 0;
    std::int64_t queue_length = 0;
    std::int64_t queue_bytes = 0;
    std::optional<double> oldest; ///< when the oldest event that waits was made, seconds since 1970

    [[nodiscard]] bool is_up() const { return state == "ok"; }
};

/// Events on their way.
struct DeliveryFacts {
    std::vector<SinkFacts> sinks;                   ///< in the order of the configuration
    std::map<std::string, std::uint64_t> committed; ///< events since the start, by class: finding | summary | health
    std::uint64_t spool_bytes = 0;
    std::uint64_t spool_capacity_bytes = 0;
    std::uint64_t spool_write_failures = 0; ///< transactions that the disk refused, since the start
};

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

enum class State : std::uint8_t {
    ok,
    retrying,    ///< something passes wrong between us and the receiver; sent again after a back-off
    auth_failed, ///< the receiver does not take our credentials
    paused,      ///< another fault of the sink: address, certificate, configuration, or everything is refused
    disabled,    ///< the receiver asked not to be sent to again: until the next start, or a test that it takes
};
[[nodiscard]] std::string_view name(State state);

/// A sink went from one state to another. From ok or retrying to auth_failed, paused or disabled is a pause, back to ok a recovery.
struct Change {
    std::string sink;
    State before = State::ok;
    State now = State::ok;
    std::string reason; ///< Delivery::reason
    std::string detail; ///< Delivery::detail
};
[[nodiscard]] constexpr bool is_pause(State state)
{
    return state == State::auth_failed || state == State::paused || state == State::disabled;
}

/// One sink at this moment. Counts are since it was started.
struct Facts {
    std::string name;
    std::string type; ///< as the configuration writes it
    State state = State::ok;
    std::string last_error;                          ///< empty: none yet; stays after a recovery
    std::optional<state::Milliseconds> last_success; ///< when events were last delivered, since 1970
    std::uint64_t events = 0;                        ///< tries of events to be delivered
    std::map<std::string, std::uint64_t> failures;   ///< of events, by reason: transient | sink_fault | too_large | event_fault
    std::map<std::string, std::uint64_t> retries;    ///< of batches, by reason: transient | sink_fault | replay
    /// Events that the sink never gets, by reason: spool_full | expired (the store gave them up), discarded (parked, then dropped by somebody),
    /// rejected (dropped by the receiver, without being named).
    std::map<std::string, std::uint64_t> lost;
    std::int64_t parked = 0;
    std::int64_t queue_length = 0;
    std::int64_t queue_bytes = 0;
    std::optional<state::Milliseconds> oldest; ///< when the oldest event that waits was made, since 1970
};

} // namespace seaworthy::sinks

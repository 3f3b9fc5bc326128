// SPDX-License-Identifier: Apache-2.0
// How a batch of events gets to one destination, and what became of it. Order, repetition, back-off and the events that are refused are the
// worker's concern (worker.hpp); a transport only sends and judges the answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

using std::chrono::milliseconds;

/// What an answer says of a batch, or of one event of it.
enum class Answer : std::uint8_t {
    delivered,
    sent,        ///< written; confirm() will tell
    transient,   ///< back off and send again
    sink_fault,  ///< credentials, address, certificate, configuration: nothing is wrong with the events. Pause, keep, try again with the cap
    disabled,    ///< the receiver asks not to be sent to again (410 of a webhook)
    too_large,   ///< halve, or shrink a single event
    event_fault, ///< the receiver refuses these events: bisect, then park
};

struct Delivery {
    Answer answer = Answer::transient;
    std::size_t accepted_first = 0;   ///< of a failed batch: the first so many events were taken all the same
    std::vector<Answer> items;        ///< one an event, where the receiver answers for each (bulk); else empty
    std::int64_t rejected = 0;        ///< events that were refused for good without being named (OTLP's partial success): counted, not repeated
    std::optional<milliseconds> wait; ///< what the receiver asked for (Retry-After), uncapped
    std::string reason;               ///< a label of few values: "timeout", "http_503", "tls_name", "token"
    int status = 0;                   ///< HTTP status, or 0
    std::string detail;               ///< for log and people: printable, at most 500 bytes, free of credentials
};

/// What has happened to events that were `sent`.
struct Confirmation {
    std::int64_t through = 0; ///< newly confirmed, up to this sequence; 0: nothing more than at the last question
    bool broken = false;      ///< what is not confirmed has to be sent again
    std::string reason;       ///< of broken
    std::string detail;
};

/// One destination. Used by its worker's thread alone.
class Transport {
public:
    virtual ~Transport() = default;
    /// Sends all of `events` (never empty) and waits for the answer, at most as long as the destination's time limit or until a stop.
    /// Secrets and certificates are read from their files anew.
    [[nodiscard]] virtual Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) = 0;
    /// Asked while something is `sent` and not confirmed. Does not wait.
    [[nodiscard]] virtual Confirmation confirm() { return {}; }
    /// When confirm() may have news.
    [[nodiscard]] virtual milliseconds confirm_interval() const { return milliseconds{1'000}; }
    /// Says goodbye in an orderly way (TLS close_notify, fsync) before the end.
    virtual void close() {}
};

} // namespace seaworthy::sinks

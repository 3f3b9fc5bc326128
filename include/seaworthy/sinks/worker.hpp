// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/facts.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// What a worker takes from outside. Empty members stand for the real thing.
struct Surroundings {
    std::function<std::chrono::steady_clock::time_point()> now; ///< measures waits: jumps of the wall clock do not matter
    std::function<state::Milliseconds()> wall;                  ///< since 1970, for facts
    std::function<double()> random;                             ///< 0 to less than 1
    std::function<void(const Change&)> on_change;               ///< from the worker's thread, no lock held; may use the store and wake()
};

/// A thread that brings one sink the events that wait for it: in order, one batch in flight, each at least once. Others never wait for it.
class Worker {
public:
    /// `store`, which must know the sink, has to outlive the worker.
    Worker(config::Sink sink, state::Store& store, std::unique_ptr<Transport> transport, Surroundings surroundings = {});
    /// Ends at once; what was not acknowledged is sent after the next start.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start();
    /// There may be new events, or parked ones to try again. Any thread; does not wait.
    void wake();
    /// Any thread. Without what the store knows (parked, queue_*, oldest, and of what is lost all but what the receiver rejected).
    [[nodiscard]] Facts facts() const;
    /// Sends this event, which is in no store, past the queue and past a back-off; gives in words how the receiver took it. One that it takes
    /// ends a pause. Any thread; the future is ready within the time limits of two requests, or when the worker ends.
    [[nodiscard]] std::future<Result<std::string>> test(state::EventRow event);

    /// Sends what waits, without lingering, until nothing does or `deadline`. Does not wait.
    void begin_flush(std::chrono::steady_clock::time_point deadline);
    /// True when there is nothing more to flush.
    [[nodiscard]] bool wait_until(std::chrono::steady_clock::time_point deadline);
    /// Breaks off whatever is going on. Does not wait.
    void request_stop();
    /// Waits for the end after request_stop() or a flush. Calls that come later do nothing, and a test() fails.
    void join();

private:
    class Body;
    std::unique_ptr<Body> m_body;
};

} // namespace seaworthy::sinks

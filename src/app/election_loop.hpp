// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "app/elector.hpp"
#include "app/log.hpp"

namespace seaworthy::app {

/// The thread that takes part in the election. Stops leading at once when the renew deadline is over; gives the Lease up at the end.
class ElectionLoop {
public:
    /// `make_store` is asked again until it gives one. `on_change` is called on this thread, first with false.
    ElectionLoop(std::function<Result<std::unique_ptr<LeaseStore>>()> make_store, config::LeaderElection options, Log& log,
                 std::function<void(bool)> on_change);
    ~ElectionLoop();
    ElectionLoop(const ElectionLoop&) = delete;
    ElectionLoop& operator=(const ElectionLoop&) = delete;

private:
    void loop(const std::stop_token& stop);
    void round(Elector& elector, const std::stop_token& stop);
    void set_leading(bool leading, const std::string& holder);
    /// Returns early on a stop request.
    void sleep(std::chrono::milliseconds time, const std::stop_token& stop);

    std::function<Result<std::unique_ptr<LeaseStore>>()> m_make_store;
    config::LeaderElection m_options;
    Log& m_log;
    std::function<void(bool)> m_on_change;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_leading = false;
    std::string m_told;    ///< the trouble that is in the log already
    std::jthread m_thread; ///< last: it uses all of the above
};

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
// Brings events from the store to the configured destinations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/facts.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/sinks/worker.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// As the configuration writes it.
[[nodiscard]] std::string_view name(config::Sink::Type type);

/// The transport of a sink. Connects nowhere and reads no file yet. An Error (usage): this build cannot reach such a destination.
[[nodiscard]] Result<std::unique_ptr<Transport>> make_transport(const config::Sink& sink, const std::string& user_agent);

struct SinksOptions {
    std::string user_agent;
    std::string cluster; ///< the host of events at Splunk and Sumo Logic, where a sink names none
    Surroundings surroundings;
    /// For tests; empty: make_transport().
    std::function<Result<std::unique_ptr<Transport>>(const config::Sink&)> make;
};

/// All sinks of a daemon.
class Sinks {
public:
    /// `store` has to outlive this.
    Sinks(std::vector<config::Sink> sinks, state::Store& store, SinksOptions options);
    ~Sinks();
    Sinks(const Sinks&) = delete;
    Sinks& operator=(const Sinks&) = delete;

    /// Makes the store know the sinks, and begins to deliver. Once. An Error names the sink that cannot be, and nothing was started.
    Result<void> start();
    /// There are new events, or parked ones to try again. Any thread; does not wait.
    void wake();
    /// In the order of the configuration. Any thread after start(); asks the store.
    [[nodiscard]] std::vector<Facts> facts() const;
    /// Sends an event that is in no store, and gives in words how the receiver took it; see Worker::test(). Any thread; waits at most for two
    /// requests of the sink. Errors: not_found (no such sink), or what the receiver or the way to it said.
    [[nodiscard]] Result<std::string> test(std::string_view sink, const state::EventRow& record);
    /// Sends what waits for at most `limit`, all sinks at the same time, and ends the workers. Gives how many events still wait, over all sinks.
    /// The other calls stay allowed meanwhile and later; a test() fails then.
    std::int64_t stop(milliseconds limit);

private:
    struct Running;
    void end();
    [[nodiscard]] const Running* find(std::string_view sink) const;

    std::vector<config::Sink> m_sinks;
    state::Store& m_store;
    SinksOptions m_options;
    std::vector<std::unique_ptr<Running>> m_running;
};

} // namespace seaworthy::sinks

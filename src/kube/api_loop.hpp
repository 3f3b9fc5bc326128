// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "kube/exchange.hpp"
#include "seaworthy/kube/live_source.hpp"
#include "seaworthy/net/client.hpp"

namespace seaworthy::kube {

/// Asks exchanges of the API server: a bounded number at a time, tried again as their failures deserve, within one deadline.
/// While the server pushes back (429, 503) fewer are under way. Single-threaded; exchanges may add others at any time.
class ApiLoop {
public:
    /// All must outlive the loop. The deadline begins now.
    ApiLoop(net::Client& client, Connection& connection, const LiveSourceOptions& options, SourceObserver& observer);
    ~ApiLoop();
    ApiLoop(const ApiLoop&) = delete;
    ApiLoop& operator=(const ApiLoop&) = delete;

    void add(std::unique_ptr<Exchange> exchange);
    /// Until every exchange has ended, one way or the other. An error: stopped, or there are no credentials.
    [[nodiscard]] Result<void> run(const std::stop_token& stop);

    /// True once any HTTP answer arrived.
    [[nodiscard]] bool reached() const { return m_reached; }
    /// True if the server accepted our credentials: some answer was not 401.
    [[nodiscard]] bool authenticated() const { return m_authenticated; }

private:
    using Moment = std::chrono::steady_clock::time_point;
    class Slot;
    using Slots = std::list<std::unique_ptr<Slot>>;

    [[nodiscard]] Result<void> launch(const std::stop_token& stop);
    [[nodiscard]] Slots::iterator next_ready();
    void wait(const std::stop_token& stop);
    void settle_finished();
    void settle(std::unique_ptr<Slot> slot);
    void settle_transport_failure(std::unique_ptr<Slot> slot);
    void settle_answer(std::unique_ptr<Slot> slot);
    void settle_refusal(std::unique_ptr<Slot> slot);
    [[nodiscard]] bool renew_credentials(Slot& slot);
    [[nodiscard]] bool renew_trust(Slot& slot);
    void try_again(std::unique_ptr<Slot> slot, const ReadFailure& failure, std::optional<std::chrono::seconds> retry_after = {});
    void retry_at(std::unique_ptr<Slot> slot, std::chrono::milliseconds pause);
    void report(const Slot& slot);
    void expire_all();
    void push_back_noticed();
    void success_noticed();
    [[nodiscard]] bool connection_lost() const;

    net::Client& m_client;
    Connection& m_connection;
    const LiveSourceOptions& m_options;
    SourceObserver& m_observer;
    Moment m_deadline;
    Moment m_last_answer;
    bool m_reached = false;
    bool m_authenticated = false;
    std::string m_authorization; ///< of the newest request
    std::size_t m_allowed;       ///< transfers at a time, between 1 and max_in_flight
    unsigned m_successes = 0;
    Slots m_waiting; ///< ready, or waiting for their time
    Slots m_running;
};

} // namespace seaworthy::kube

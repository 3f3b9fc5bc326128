// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>

#include "http/connection.hpp"
#include "http/listener.hpp"
#include "http/tls_context.hpp"

namespace seaworthy::http {

using ConnectionPtr = std::unique_ptr<Connection>;

/// Complete requests that wait for a worker. Bounded by the number of connections.
class Queue {
public:
    void push(ConnectionPtr connection);
    /// Blocks; null once the queue is closed.
    [[nodiscard]] ConnectionPtr pop();
    void close();

private:
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<ConnectionPtr> m_connections;
    bool m_closed = false;
};

/// The counters, written by the gate's thread and the workers, read by anyone.
struct Tally {
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> rejected_limit{0};
    std::atomic<std::uint64_t> rejected_deadline{0};
    std::atomic<std::uint64_t> rejected_malformed{0};
    std::atomic<std::uint64_t> rejected_too_large{0};
    std::atomic<std::size_t> connections{0};
};

/// The one thread that waits for clients: accepts, shakes hands, gathers heads, sends the rest of replies, keeps deadlines and caps.
class Gate {
public:
    Gate(const Options& options, Listener listener, std::optional<TlsContext> tls, Queue& ready, Tally& tally);

    /// Runs until the stop descriptor is readable.
    void run(int stop_descriptor);
    /// Closes the listener and all connections, once run() has returned and no worker is left.
    void close();
    /// Takes a connection back from a worker. Any thread.
    void give_back(ConnectionPtr connection);

private:
    using State = Connection::State;

    void take_back();
    void accept_waiting();
    void admit(Peer peer);
    [[nodiscard]] bool is_paused() const;
    /// At the address's cap one of its connections has to go.
    void make_room_for(const std::string& address);
    /// Closes the connection that has the least claim to its place, of `peer` alone when that is given.
    [[nodiscard]] bool evict(const std::string* peer);
    /// Lets a connection go as far as it can without waiting.
    void advance(Connection& connection);
    void shake_hands(Connection& connection);
    void read(Connection& connection);
    void parse(Connection& connection);
    void reply(Connection& connection);
    void linger(Connection& connection);
    void refuse(Connection& connection, const Refusal& refusal);
    void await_request(Connection& connection, std::chrono::milliseconds patience);
    void enforce_deadlines();
    void sweep();
    [[nodiscard]] int milliseconds_to_next_deadline() const;

    const Options& m_options;
    Listener m_listener;
    std::optional<TlsContext> m_tls;
    Queue& m_ready;
    Tally& m_tally;
    Descriptor m_wake; ///< an eventfd: a worker gave something back
    std::mutex m_mutex;
    std::vector<ConnectionPtr> m_returned;            ///< guarded by m_mutex
    std::vector<ConnectionPtr> m_connections;         ///< those that no worker has
    std::map<std::string, std::size_t> m_per_address; ///< of m_connections: what a worker has waits for us, not for its peer
    Clock::time_point m_now;
    Clock::time_point m_accept_again; ///< after running out of descriptors
};

} // namespace seaworthy::http

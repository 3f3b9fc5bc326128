// SPDX-License-Identifier: Apache-2.0
#include "http/gate.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace seaworthy::http {

namespace {

constexpr auto k_linger_time = std::chrono::milliseconds{500};
constexpr auto k_grace = std::chrono::milliseconds{250}; ///< more than a round trip: an honest request has arrived by then
constexpr int k_accepts_a_round = 64;

constexpr std::string_view refusal_phrase(int status)
{
    switch (status) {
    case 411: return "Length Required";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

short events_of(const Connection& connection)
{
    return connection.transport.wanted_events();
}

} // namespace

void Queue::push(ConnectionPtr connection)
{
    {
        const std::lock_guard lock{m_mutex};
        m_connections.push_back(std::move(connection));
    }
    m_filled.notify_one();
}

ConnectionPtr Queue::pop()
{
    std::unique_lock lock{m_mutex};
    m_filled.wait(lock, [&] { return m_closed || !m_connections.empty(); });
    if (m_closed) return nullptr;
    auto connection = std::move(m_connections.front());
    m_connections.pop_front();
    return connection;
}

void Queue::close()
{
    {
        const std::lock_guard lock{m_mutex};
        m_closed = true;
    }
    m_filled.notify_all();
}

Gate::Gate(const Options& options, Listener listener, std::optional<TlsContext> tls, Queue& ready, Tally& tally)
    : m_options(options), m_listener(std::move(listener)), m_tls(std::move(tls)), m_ready(ready), m_tally(tally),
      m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{}

void Gate::run(int stop_descriptor)
{
    std::vector<pollfd> watched;
    for (;;) {
        m_now = Clock::now();
        watched.assign({{stop_descriptor, POLLIN, 0}, {m_wake.get(), POLLIN, 0}});
        watched.push_back({is_paused() ? -1 : m_listener.socket.get(), POLLIN, 0});
        for (const auto& connection : m_connections)
            watched.push_back({connection->transport.descriptor(), events_of(*connection), 0});

        const int ready = ::poll(watched.data(), watched.size(), milliseconds_to_next_deadline());
        if (ready < 0 && errno != EINTR) return;
        if (watched[0].revents != 0) return;
        m_now = Clock::now();
        // The indices of `watched` hold until something joins or leaves, so the connections come first.
        for (std::size_t i = 3; ready > 0 && i < watched.size(); ++i) {
            if (watched[i].revents != 0) advance(*m_connections[i - 3]);
        }
        if (ready > 0 && watched[1].revents != 0) take_back();
        if (ready > 0 && watched[2].revents != 0) accept_waiting();
        enforce_deadlines();
        sweep();
    }
}

void Gate::close()
{
    m_listener.socket = {};
    m_connections.clear();
    m_returned.clear();
    m_per_address.clear();
    m_tally.connections = 0;
}

void Gate::give_back(ConnectionPtr connection)
{
    {
        const std::lock_guard lock{m_mutex};
        m_returned.push_back(std::move(connection));
    }
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(m_wake.get(), &one, sizeof one);
}

void Gate::take_back()
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(m_wake.get(), &count, sizeof count);
    std::vector<ConnectionPtr> returned;
    {
        const std::lock_guard lock{m_mutex};
        returned.swap(m_returned);
    }
    for (auto& connection : returned) {
        if (connection->state == State::finished) {
            --m_tally.connections;
            continue;
        }
        make_room_for(connection->peer);
        ++m_per_address[connection->peer];
        m_connections.push_back(std::move(connection));
        auto& back = *m_connections.back();
        // The worker has sent what the socket took; the deadline is for the rest.
        back.deadline = m_now + m_options.limits.reply_deadline;
        reply(back);
    }
}

void Gate::accept_waiting()
{
    for (int i = 0; i < k_accepts_a_round && !is_paused(); ++i) {
        auto peer = accept_peer(m_listener.socket.get());
        if (peer.socket.get() < 0) {
            const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (exhausted && !evict(nullptr)) m_accept_again = m_now + std::chrono::milliseconds{50};
            return;
        }
        admit(std::move(peer));
    }
}

bool Gate::is_paused() const
{
    // When every connection waits for our workers there is nobody to throw out: the next ones wait in the backlog.
    return m_now < m_accept_again || (m_tally.connections >= m_options.limits.connections && m_connections.empty());
}

void Gate::make_room_for(const std::string& address)
{
    const auto count = m_per_address.find(address);
    if (count != m_per_address.end() && count->second >= m_options.limits.connections_per_address) (void)evict(&address);
}

void Gate::admit(Peer peer)
{
    ++m_tally.accepted;
    make_room_for(peer.address);
    if (m_tally.connections >= m_options.limits.connections) (void)evict(nullptr);
    auto ssl = m_tls ? m_tls->accept(m_now) : nullptr;
    if (m_tls && !ssl) return;
    ++m_per_address[peer.address];
    ++m_tally.connections;
    auto connection = std::make_unique<Connection>(std::move(peer.socket), std::move(ssl), std::move(peer.address));
    await_request(*connection, m_options.limits.head_deadline);
    connection->state = m_tls ? State::handshaking : State::reading;
    m_connections.push_back(std::move(connection));
    // A request mostly comes with the connection; reading it now spares it from the next one at the cap.
    advance(*m_connections.back());
    sweep();
}

bool Gate::evict(const std::string* peer)
{
    // Least claim has an unfinished request past its grace, then a reply that its client does not take, then a request that just began;
    // among equals who longest did nothing that counts.
    const auto claim = [&](const Connection& connection) {
        if (connection.state == State::replying) return std::pair{1, connection.progress};
        return std::pair{connection.since + k_grace < m_now ? 0 : 2, connection.since};
    };
    Connection* victim = nullptr;
    for (const auto& connection : m_connections) {
        if (connection->state == State::working || connection->state == State::finished || (peer != nullptr && connection->peer != *peer)) continue;
        if (victim == nullptr || claim(*connection) < claim(*victim)) victim = connection.get();
    }
    if (victim == nullptr) return false;
    ++m_tally.rejected_limit;
    victim->state = State::finished;
    sweep();
    return true;
}

void Gate::advance(Connection& connection)
{
    switch (connection.state) {
    case State::handshaking: return shake_hands(connection);
    case State::reading: return read(connection);
    case State::replying: return reply(connection);
    case State::lingering: return linger(connection);
    case State::working:
    case State::finished: return;
    }
}

void Gate::shake_hands(Connection& connection)
{
    switch (connection.transport.handshake()) {
    case Io::again: return;
    case Io::closed: connection.state = State::finished; return;
    case Io::done: connection.state = State::reading; return read(connection);
    }
}

void Gate::read(Connection& connection)
{
    const auto& limits = m_options.limits;
    std::array<char, 4096> buffer;
    const std::size_t most = limits.head_bytes + limits.body_bytes + 1; // one more shows that it is too much
    parse(connection);
    while (connection.state == State::reading && connection.input.size() < most) {
        const auto received = connection.transport.receive({buffer.data(), std::min(buffer.size(), most - connection.input.size())});
        if (received.status == Io::again) return;
        if (received.status == Io::closed) {
            connection.state = State::finished;
            return;
        }
        // The first byte after a pause begins a request, which has its own total deadline.
        if (connection.input.empty() && connection.requests > 0) await_request(connection, limits.head_deadline);
        connection.input.append(buffer.data(), received.bytes);
        parse(connection);
    }
}

void Gate::parse(Connection& connection)
{
    if (connection.head_bytes == 0) {
        const auto size = connection.scanner.scan(connection.input, m_options.limits);
        if (const auto& refusal = connection.scanner.refusal()) return refuse(connection, *refusal);
        if (!size) return;
        auto head = parse_head(std::string_view{connection.input}.substr(0, *size), m_options.limits);
        if (!head) return refuse(connection, head.error());
        connection.head = std::move(*head);
        connection.head_bytes = *size;
    }
    const auto body_bytes = connection.head.body_bytes;
    if (connection.input.size() < connection.head_bytes + body_bytes) return;
    connection.head.request.body = connection.input.substr(connection.head_bytes, body_bytes);
    connection.input.erase(0, connection.head_bytes + body_bytes);
    connection.head.request.peer = connection.peer;
    connection.head.request.tls = connection.transport.is_tls();
    connection.keep_alive = connection.head.keep_alive;
    ++connection.requests;
    ++m_tally.requests;
    connection.state = State::working;
}

void Gate::reply(Connection& connection)
{
    switch (flush(connection, m_now)) {
    case Io::again: return;
    case Io::closed: connection.state = State::finished; return;
    case Io::done: break;
    }
    connection.outgoing = {};
    if (connection.keep_alive) {
        await_request(connection, connection.input.empty() ? m_options.limits.idle_deadline : m_options.limits.head_deadline);
        return read(connection);
    }
    if (connection.transport.resets_on_close()) {
        connection.state = State::finished;
        return;
    }
    connection.transport.shut_down_sending();
    connection.state = State::lingering;
    connection.deadline = m_now + k_linger_time;
    linger(connection);
}

void Gate::linger(Connection& connection)
{
    std::array<char, 4096> buffer;
    constexpr int k_most_reads = 16; // whoever sends more after a refusal gets a reset
    for (int i = 0; i < k_most_reads; ++i) {
        const auto received = connection.transport.receive(buffer);
        if (received.status == Io::again) return;
        if (received.status == Io::closed) break;
    }
    connection.state = State::finished;
}

void Gate::refuse(Connection& connection, const Refusal& refusal)
{
    ++(refusal.reason == Refusal::Reason::too_large ? m_tally.rejected_too_large : m_tally.rejected_malformed);
    const auto phrase = refusal_phrase(refusal.status);
    auto& head = connection.outgoing.head;
    head = fmt::format("HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n", refusal.status,
                       phrase, phrase.size() + 1);
    for (const auto& [name, value] : m_options.default_headers)
        head += fmt::format("{}: {}\r\n", name, value);
    head += fmt::format("\r\n{}\n", phrase);
    connection.keep_alive = false;
    connection.state = State::replying;
    connection.deadline = m_now + k_linger_time;
    reply(connection);
}

void Gate::await_request(Connection& connection, std::chrono::milliseconds patience)
{
    connection.state = State::reading;
    connection.scanner = {};
    connection.head_bytes = 0;
    connection.since = m_now;
    connection.deadline = m_now + patience;
}

void Gate::enforce_deadlines()
{
    for (const auto& connection : m_connections) {
        if (connection->state == State::working || connection->deadline > m_now) continue;
        const bool idle = connection->state == State::reading && connection->input.empty() && connection->requests > 0;
        if (!idle && connection->state != State::lingering && connection->state != State::finished) ++m_tally.rejected_deadline;
        if (connection->state == State::replying) connection->transport.reset_on_close(); // the unsent rest must not live on in the kernel
        connection->state = State::finished;
    }
}

void Gate::sweep()
{
    for (auto& connection : m_connections) {
        if (connection->state != State::working && connection->state != State::finished) continue;
        const auto count = m_per_address.find(connection->peer);
        if (--count->second == 0) m_per_address.erase(count);
        if (connection->state == State::working) {
            m_ready.push(std::move(connection));
        } else {
            --m_tally.connections;
            connection.reset();
        }
    }
    std::erase(m_connections, nullptr);
}

int Gate::milliseconds_to_next_deadline() const
{
    auto next = m_now + std::chrono::hours{1};
    if (m_now < m_accept_again) next = m_accept_again;
    for (const auto& connection : m_connections)
        next = std::min(next, connection->deadline);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - m_now).count();
    return static_cast<int>(std::max<decltype(left)>(left, 0));
}

} // namespace seaworthy::http

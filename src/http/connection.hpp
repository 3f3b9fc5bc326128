// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "http/head.hpp"
#include "http/transport.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::http {

/// The bytes that a reply still has to send: its head, then the body, which is shared and not copied.
struct Outgoing {
    std::string head;
    std::shared_ptr<const std::string> body;
    std::size_t sent = 0; ///< of both together

    [[nodiscard]] std::string_view rest_of_head() const { return std::string_view{head}.substr(std::min(sent, head.size())); }
    [[nodiscard]] std::string_view rest_of_body() const
    {
        if (!body) return {};
        return std::string_view{*body}.substr(sent < head.size() ? 0 : std::min(sent - head.size(), body->size()));
    }
    [[nodiscard]] bool is_sent() const { return sent >= head.size() + (body ? body->size() : 0); }
};

/// One client. Owned by the gate thread, but for the time that a worker answers its request.
struct Connection {
    enum class State {
        handshaking,
        reading,   ///< a head (and its body) is arriving, or the next one is awaited
        working,   ///< a complete request waits for a worker, or has one
        replying,  ///< the client is slow to read what is left in `outgoing`
        lingering, ///< all is said; what the client still sends is dropped so that it can read our last words
        finished,
    };

    Connection(Descriptor socket, SslHandle ssl, std::string peer_address)
        : transport(std::move(socket), std::move(ssl)), peer(std::move(peer_address))
    {}

    Transport transport;
    std::string peer;
    State state = State::handshaking;
    std::string input;
    HeadScanner scanner;
    Head head;
    std::size_t head_bytes = 0; ///< of the head in `input` once it is whole
    Outgoing outgoing;
    bool keep_alive = true;
    unsigned requests = 0;
    Clock::time_point since;    ///< when it began to wait for this request
    Clock::time_point progress; ///< when the peer last took a byte of a reply
    Clock::time_point deadline;
};

/// Sends what the socket takes now. Io::done when nothing is left.
[[nodiscard]] inline Io flush(Connection& connection, Clock::time_point now)
{
    auto& outgoing = connection.outgoing;
    while (!outgoing.is_sent()) {
        const auto sent = connection.transport.send(outgoing.rest_of_head(), outgoing.rest_of_body());
        if (sent.status != Io::done) return sent.status;
        outgoing.sent += sent.bytes;
        if (sent.bytes > 0) connection.progress = now;
    }
    return Io::done;
}

} // namespace seaworthy::http

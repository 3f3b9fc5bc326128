// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace seaworthy::sinks {

/// A connection that only we write to, by TCP or TLS (1.2 or newer). The thread that writes should have SIGPIPE blocked or ignored.
class Wire {
public:
    /// Connects to the sink's address within its time limit; certificates are read from their files.
    [[nodiscard]] static tl::expected<std::unique_ptr<Wire>, Delivery> connect(const config::Sink& sink, const std::stop_token& stop);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    /// Writes all of it. Nothing: done.
    [[nodiscard]] std::optional<Delivery> write(std::string_view bytes, milliseconds limit, const std::stop_token& stop);
    /// Looks whether the other side has hung up or complained: with TLS 1.3 the refusal of a client certificate is read, never seen in writing.
    /// Nothing: it has not. Does not wait.
    [[nodiscard]] std::optional<Delivery> complaint();
    /// Bytes given to the socket since the start.
    [[nodiscard]] std::uint64_t written() const;
    /// So many of them the other side's kernel has; -1 where the system does not tell.
    [[nodiscard]] std::int64_t received() const;
    /// Says that nothing more comes (close_notify, FIN).
    void say_goodbye();

private:
    explicit Wire(Descriptor socket) : m_socket(std::move(socket)) {}
    [[nodiscard]] std::optional<Delivery> begin_tls(const config::Sink& sink, const std::string& host, const std::stop_token& stop);
    [[nodiscard]] std::optional<Delivery> set_trust(const config::Sink& sink, const std::string& host);
    [[nodiscard]] Delivery tls_failure(std::string_view doing) const;
    [[nodiscard]] bool wait(short events, std::chrono::steady_clock::time_point until, const std::stop_token& stop) const;

    Descriptor m_socket;
    SSL_CTX* m_context = nullptr; ///< owned; nullptr without TLS
    SSL* m_ssl = nullptr;         ///< owned
    std::uint64_t m_plain = 0;    ///< bytes written without TLS
};

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/ssl.h>

namespace seaworthy::http {

using Clock = std::chrono::steady_clock;

/// A file descriptor that closes itself.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : m_fd(fd) {}
    Descriptor(Descriptor&& other) noexcept : m_fd(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] int release();

private:
    int m_fd = -1;
};

struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslHandle = std::unique_ptr<SSL, SslDeleter>;

enum class Io { done, again, closed };

struct Transferred {
    Io status = Io::done;
    std::size_t bytes = 0;
};

/// One accepted socket, plain or TLS. Never blocks.
class Transport {
public:
    /// `ssl` is null on a plain listener; otherwise it is set to accept, without a descriptor yet.
    Transport(Descriptor socket, SslHandle ssl);
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport();

    [[nodiscard]] Io handshake();
    [[nodiscard]] Transferred receive(std::span<char> buffer);
    /// Sends the one, then the other; how many bytes of both together.
    [[nodiscard]] Transferred send(std::string_view first, std::string_view second);

    [[nodiscard]] int descriptor() const { return m_socket.get(); }
    [[nodiscard]] bool is_tls() const { return m_ssl != nullptr; }
    /// What poll(2) has to wait for after an Io::again.
    [[nodiscard]] short wanted_events() const { return m_wanted; }
    void shut_down_sending();
    /// Makes closing a TCP reset, which also drops what the kernel has not sent yet.
    void reset_on_close();
    [[nodiscard]] bool resets_on_close() const { return m_resets; }

private:
    [[nodiscard]] Io failed_ssl(int result);
    void say_goodbye();

    Descriptor m_socket;
    SslHandle m_ssl;
    short m_wanted = 0;
    bool m_mute = false; ///< no close_notify: it was sent, or there is nobody to hear it
    bool m_resets = false;
};

} // namespace seaworthy::http

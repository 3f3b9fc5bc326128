// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace seaworthy::http {

/// A TCP client on loopback that sends exactly the bytes it is told, as a well-behaved library would not.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer = 0) : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        if (receive_buffer > 0) ::setsockopt(m_fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        m_connected = ::connect(m_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)), m_connected(other.m_connected) {}
    RawClient& operator=(RawClient&& other) noexcept
    {
        std::swap(m_fd, other.m_fd);
        std::swap(m_connected, other.m_connected);
        return *this;
    }
    ~RawClient()
    {
        if (m_fd >= 0) ::close(m_fd);
    }

    [[nodiscard]] bool is_connected() const { return m_connected; }
    /// False when the other end is gone.
    bool send(std::string_view bytes) const { return ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()); }

    /// What arrives until the server closes or `enough` returns true for it.
    template <typename Predicate>
    [[nodiscard]] std::string receive_until(Predicate enough, std::chrono::milliseconds patience = std::chrono::seconds{10})
    {
        std::string received;
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (!enough(std::string_view{received})) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
            pollfd watched{m_fd, POLLIN, 0};
            if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) <= 0) break;
            char buffer[65536];
            const auto count = ::recv(m_fd, buffer, sizeof buffer, 0);
            m_ended = count == 0;
            m_was_reset = count < 0;
            if (count <= 0) break;
            received.append(buffer, static_cast<std::size_t>(count));
        }
        return received;
    }
    /// Everything until the server closes.
    [[nodiscard]] std::string receive_all()
    {
        return receive_until([](std::string_view) { return false; });
    }
    /// One reply with a Content-Length.
    [[nodiscard]] std::string receive_reply()
    {
        return receive_until([](std::string_view received) {
            const auto end = received.find("\r\n\r\n");
            const auto length = received.find("Content-Length: ");
            if (end == std::string_view::npos || length == std::string_view::npos) return false;
            return received.size() >= end + 4 + std::stoul(std::string{received.substr(length + 16, 12)});
        });
    }
    [[nodiscard]] bool ended() const { return m_ended; }         ///< the server closed in an orderly way
    [[nodiscard]] bool was_reset() const { return m_was_reset; } ///< …or not

private:
    int m_fd = -1;
    bool m_connected = false;
    bool m_ended = false;
    bool m_was_reset = false;
};

[[nodiscard]] inline std::string get(std::string_view target, std::string_view more = {})
{
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: test\r\n" + std::string{more} + "\r\n";
}

[[nodiscard]] inline std::string_view body_of(std::string_view reply)
{
    const auto end = reply.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string_view{} : reply.substr(end + 4);
}

} // namespace seaworthy::http

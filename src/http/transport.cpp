// SPDX-License-Identifier: Apache-2.0
#include "http/transport.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace seaworthy::http {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    if (this != &other) {
        if (m_fd >= 0) ::close(m_fd);
        m_fd = other.release();
    }
    return *this;
}

Descriptor::~Descriptor()
{
    if (m_fd >= 0) ::close(m_fd);
}

int Descriptor::release()
{
    return std::exchange(m_fd, -1);
}

Transport::Transport(Descriptor socket, SslHandle ssl) : m_socket(std::move(socket)), m_ssl(std::move(ssl)), m_wanted(POLLIN)
{
    if (m_ssl) SSL_set_fd(m_ssl.get(), m_socket.get());
}

Transport::~Transport()
{
    say_goodbye();
}

/// One close_notify if it fits in the socket's buffer; the peer's answer is not waited for.
void Transport::say_goodbye()
{
    if (!m_ssl || m_mute || !SSL_is_init_finished(m_ssl.get())) return;
    m_mute = true;
    ERR_clear_error();
    SSL_shutdown(m_ssl.get());
}

Io Transport::failed_ssl(int result)
{
    switch (SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ: m_wanted = POLLIN; return Io::again;
    case SSL_ERROR_WANT_WRITE: m_wanted = POLLOUT; return Io::again;
    case SSL_ERROR_ZERO_RETURN: return Io::closed;
    default: m_mute = true; return Io::closed;
    }
}

Io Transport::handshake()
{
    if (!m_ssl) return Io::done;
    ERR_clear_error();
    const int result = SSL_do_handshake(m_ssl.get());
    return result == 1 ? Io::done : failed_ssl(result);
}

Transferred Transport::receive(std::span<char> buffer)
{
    if (m_ssl) {
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &bytes);
        return result == 1 ? Transferred{Io::done, bytes} : Transferred{failed_ssl(result), 0};
    }
    const auto count = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) return {Io::done, static_cast<std::size_t>(count)};
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        m_wanted = POLLIN;
        return {Io::again, 0};
    }
    return {Io::closed, 0};
}

Transferred Transport::send(std::string_view first, std::string_view second)
{
    if (m_ssl) {
        const auto part = first.empty() ? second : first;
        if (part.empty()) return {};
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_write_ex(m_ssl.get(), part.data(), part.size(), &bytes);
        return result == 1 ? Transferred{Io::done, bytes} : Transferred{failed_ssl(result), 0};
    }
    std::array<iovec, 2> parts = {iovec{const_cast<char*>(first.data()), first.size()}, iovec{const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const auto count = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) return {Io::done, static_cast<std::size_t>(count)};
    if (errno == EAGAIN || errno == EINTR) {
        m_wanted = POLLOUT;
        return {Io::again, 0};
    }
    return {Io::closed, 0};
}

void Transport::shut_down_sending()
{
    say_goodbye();
    ::shutdown(m_socket.get(), SHUT_WR);
}

void Transport::reset_on_close()
{
    const linger now{1, 0};
    ::setsockopt(m_socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    m_mute = true;
    m_resets = true;
}

} // namespace seaworthy::http

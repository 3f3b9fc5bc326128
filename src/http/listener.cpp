// SPDX-License-Identifier: Apache-2.0
#include "http/listener.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace seaworthy::http {

namespace {

constexpr int k_backlog = 512;
constexpr int k_send_buffer_bytes = 256 * 1024; ///< what a client that never reads may cost the kernel; it would grow to megabytes
constexpr int k_silence_seconds = 5;

struct Address {
    std::string host; ///< empty: all addresses
    std::string port;
};

Result<Address> split_address(const std::string& text)
{
    const auto colon = text.rfind(':');
    const auto wrong = [&] {
        return failure(Error::Kind::usage, fmt::format("\"{}\" is not an address to listen on", text), "Write host:port, [IPv6]:port or :port.");
    };
    if (colon == std::string::npos) return wrong();
    Address address{text.substr(0, colon), text.substr(colon + 1)};
    std::uint16_t port = 0;
    const auto* end = address.port.data() + address.port.size();
    if (const auto parsed = std::from_chars(address.port.data(), end, port); parsed.ec != std::errc{} || parsed.ptr != end) return wrong();
    if (address.host.size() >= 2 && address.host.front() == '[' && address.host.back() == ']') {
        address.host = address.host.substr(1, address.host.size() - 2);
    } else if (address.host.find(':') != std::string::npos) {
        return wrong(); // an IPv6 address without brackets: which colon ends it?
    }
    return address;
}

std::string numeric_host(const sockaddr_storage& address, socklen_t size)
{
    std::array<char, NI_MAXHOST> host{};
    if (address.ss_family == AF_UNIX) return "local";
    if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
    const std::string_view text = host.data();
    constexpr std::string_view k_mapped = "::ffff:"; // an IPv4 peer on a socket of both families
    return std::string{text.substr(0, k_mapped.size()) == k_mapped ? text.substr(k_mapped.size()) : text};
}

Descriptor bind_one(const addrinfo& candidate)
{
    Descriptor socket{::socket(candidate.ai_family, candidate.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, candidate.ai_protocol)};
    const int on = 1;
    const int off = 0;
    if (socket.get() < 0) return socket;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // A connection counts from its first byte on: whoever connects and says nothing takes no place (tcp(7)).
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &k_silence_seconds, sizeof k_silence_seconds);
    if (candidate.ai_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::bind(socket.get(), candidate.ai_addr, candidate.ai_addrlen) != 0 || ::listen(socket.get(), k_backlog) != 0) return {};
    return socket;
}

std::uint16_t bound_port(int socket)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    const auto port =
        address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port : reinterpret_cast<sockaddr_in*>(&address)->sin_port;
    return ntohs(port);
}

constexpr std::string_view k_unix = "unix:";

/// Removes the socket of a process that is gone. One that somebody answers at stays.
void remove_stale(const sockaddr_un& address)
{
    struct stat facts {};
    if (::lstat(address.sun_path, &facts) != 0 || !S_ISSOCK(facts.st_mode)) return;
    const Descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED) ::unlink(address.sun_path);
}

Result<Listener> open_unix_listener(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return failure(Error::Kind::usage, fmt::format("the path of the socket \"{}\" is empty or too long", path),
                       fmt::format("A Unix socket's path has at most {} bytes.", sizeof address.sun_path - 1));
    std::memcpy(address.sun_path, path.data(), path.size());
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    remove_stale(address);
    // On Linux the mode of the descriptor is that of the file which bind() makes: at no moment may another user connect.
    if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0 || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.get(), k_backlog) != 0) {
        const int error = errno;
        return failure(Error::Kind::usage, fmt::format("cannot listen on {}: {}", path, std::generic_category().message(error)),
                       error == EADDRINUSE ? "Another process listens there; choose another path or stop that process." : "");
    }
    return Listener{std::move(socket), 0};
}

} // namespace

Result<Listener> open_listener(const std::string& text)
{
    if (std::string_view{text}.starts_with(k_unix)) return open_unix_listener(text.substr(k_unix.size()));
    const auto address = split_address(text);
    if (!address) return tl::make_unexpected(address.error());

    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    int last_error = 0;
    std::string reason;
    // "::" takes IPv4 as well; "0.0.0.0" is for kernels without IPv6.
    const auto hosts = address->host.empty() ? std::vector<std::string>{"::", "0.0.0.0"} : std::vector<std::string>{address->host};
    for (const auto& host : hosts) {
        addrinfo* found = nullptr;
        if (const int status = ::getaddrinfo(host.c_str(), address->port.c_str(), &hints, &found); status != 0) {
            reason = ::gai_strerror(status);
            continue;
        }
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> candidates{found, ::freeaddrinfo};
        for (const auto* candidate = candidates.get(); candidate != nullptr; candidate = candidate->ai_next) {
            errno = 0;
            Descriptor socket = bind_one(*candidate);
            last_error = errno;
            if (socket.get() >= 0) {
                const auto port = bound_port(socket.get());
                return Listener{std::move(socket), port};
            }
            reason = std::generic_category().message(last_error);
        }
        if (last_error == EADDRINUSE) break;
    }
    return failure(Error::Kind::usage, fmt::format("cannot listen on {}: {}", text, reason),
                   last_error == EADDRINUSE ? "Another process has this port; choose another one or stop that process." : "");
}

Peer accept_peer(int listener)
{
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Descriptor socket{::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (socket.get() < 0) return {};
    // Replies leave in as few writes as there are; nothing is gained by waiting for more (RFC 896).
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &k_send_buffer_bytes, sizeof k_send_buffer_bytes);
    return {std::move(socket), numeric_host(address, size)};
}

} // namespace seaworthy::http

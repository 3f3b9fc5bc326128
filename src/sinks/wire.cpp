// SPDX-License-Identifier: Apache-2.0
#include "sinks/wire.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "seaworthy/base/printable.hpp"
#include "sinks/detached.hpp"
#include "sinks/http_engine.hpp"

namespace seaworthy::sinks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int k_poll_ms = 100;
constexpr milliseconds k_tls13_refusal{500}; ///< how long a refusal of our certificate may take after the handshake
constexpr std::size_t k_detail_bytes = 497;

Delivery transient(std::string reason, std::string_view detail)
{
    return {.answer = Answer::transient, .reason = std::move(reason), .detail = printable(detail, k_detail_bytes)};
}

Delivery failed(std::string_view what, int error)
{
    const auto* reason = error == ECONNREFUSED                           ? "refused"
                         : error == ECONNRESET || error == EPIPE         ? "reset"
                         : error == ETIMEDOUT || error == EAGAIN         ? "timeout"
                         : error == EHOSTUNREACH || error == ENETUNREACH ? "unreachable"
                                                                         : "network";
    return transient(reason, fmt::format("{}: {}", what, std::strerror(error)));
}

struct Addresses {
    int error = 0; ///< of getaddrinfo(3)
    std::shared_ptr<addrinfo> list;
};

Addresses look_up(const std::string& host, const std::string& port)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
    if (error != 0) return {error, nullptr};
    return {0, {list, &::freeaddrinfo}};
}

/// host:port and [v6]:port.
std::pair<std::string, std::string> split(const std::string& address)
{
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) return {address, "6514"}; // RFC 5425 §4.1
    auto host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return {host, address.substr(colon + 1)};
}

bool is_address(const std::string& host)
{
    in6_addr buffer{};
    return ::inet_pton(AF_INET, host.c_str(), &buffer) == 1 || ::inet_pton(AF_INET6, host.c_str(), &buffer) == 1;
}

} // namespace

tl::expected<std::unique_ptr<Wire>, Delivery> Wire::connect(const config::Sink& sink, const std::stop_token& stop)
{
    if (sink.protocol == config::Sink::Protocol::tcp && !sink.allow_http)
        return tl::make_unexpected(misconfigured("address", "protocol tcp is not encrypted: set allowPlaintext where the network is trusted"));
    const auto [host, port] = split(sink.address);
    const auto until = Clock::now() + sink.timeout;
    const auto addresses = wait_for_detached<Addresses>([host = host, port = port] { return look_up(host, port); }, until, stop);
    if (!addresses) return tl::make_unexpected(transient("dns", sink.address + ": the name servers do not answer"));
    if (addresses->error != 0) return tl::make_unexpected(transient("dns", fmt::format("{}: {}", sink.address, ::gai_strerror(addresses->error))));

    Delivery problem = transient("dns", sink.address + ": no address");
    for (const auto* address = addresses->list.get(); address != nullptr && !stop.stop_requested(); address = address->ai_next) {
        Descriptor socket{::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
        if (!socket.valid()) continue;
        auto wire = std::unique_ptr<Wire>{new Wire{std::move(socket)}};
        const int on = 1;
        ::setsockopt(wire->m_socket.number(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        ::setsockopt(wire->m_socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        int error = ::connect(wire->m_socket.number(), address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
        if (error == EINPROGRESS) {
            socklen_t size = sizeof error;
            error = ETIMEDOUT;
            if (wire->wait(POLLOUT, until, stop)) ::getsockopt(wire->m_socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
        }
        if (error != 0) {
            problem = failed(sink.address, error);
            continue;
        }
        if (sink.protocol == config::Sink::Protocol::tls)
            if (auto refusal = wire->begin_tls(sink, host, stop)) return tl::make_unexpected(std::move(*refusal));
        return wire;
    }
    return tl::make_unexpected(std::move(problem));
}

Wire::~Wire()
{
    SSL_free(m_ssl);
    SSL_CTX_free(m_context);
}

std::optional<Delivery> Wire::set_trust(const config::Sink& sink, const std::string& host)
{
    m_context = SSL_CTX_new(TLS_client_method());
    if (m_context == nullptr) return transient("internal", "OpenSSL has no context");
    SSL_CTX_set_min_proto_version(m_context, TLS1_2_VERSION);
    SSL_CTX_set_verify(m_context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(m_context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    const bool trusts = sink.ca_file.empty() ? SSL_CTX_set_default_verify_paths(m_context) == 1
                                             : SSL_CTX_load_verify_locations(m_context, sink.ca_file.c_str(), nullptr) == 1;
    if (!trusts) return misconfigured("tls_file", sink.ca_file + ": no certificates can be read from it");
    if (!sink.certificate_file.empty() && (SSL_CTX_use_certificate_chain_file(m_context, sink.certificate_file.c_str()) != 1 ||
                                           SSL_CTX_use_PrivateKey_file(m_context, sink.key_file.c_str(), SSL_FILETYPE_PEM) != 1))
        return misconfigured("tls_file", fmt::format("{}, {}: not a certificate and its key", sink.certificate_file, sink.key_file));
    m_ssl = SSL_new(m_context);
    if (m_ssl == nullptr || SSL_set_fd(m_ssl, m_socket.number()) != 1) return transient("internal", "OpenSSL has no connection");
    const auto& name = sink.server_name.empty() ? host : sink.server_name;
    if (is_address(name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(m_ssl), name.c_str());
    } else {
        SSL_set1_host(m_ssl, name.c_str());
        SSL_set_tlsext_host_name(m_ssl, name.c_str());
    }
    return std::nullopt;
}

std::optional<Delivery> Wire::begin_tls(const config::Sink& sink, const std::string& host, const std::stop_token& stop)
{
    if (auto problem = set_trust(sink, host)) return problem;
    const auto until = Clock::now() + sink.timeout;
    for (;;) {
        ERR_clear_error();
        const int result = SSL_connect(m_ssl);
        if (result == 1) break;
        const int error = SSL_get_error(m_ssl, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tls_failure("handshake");
        if (!wait(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until, stop)) return failed("TLS handshake", ETIMEDOUT);
    }
    // In TLS 1.3 the server looks at our certificate after our handshake is over. A ticket or an alert tells what it thought of it.
    if (SSL_version(m_ssl) >= TLS1_3_VERSION && wait(POLLIN, Clock::now() + k_tls13_refusal, stop)) return complaint();
    return std::nullopt;
}

Delivery Wire::tls_failure(std::string_view doing) const
{
    const int system_error = errno;
    const auto code = ERR_peek_last_error();
    const long verdict = SSL_get_verify_result(m_ssl);
    if (verdict != X509_V_OK) {
        const auto* reason = verdict == X509_V_ERR_CERT_HAS_EXPIRED                                                 ? "tls_expired"
                             : verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH ? "tls_name"
                                                                                                                    : "tls_untrusted";
        return misconfigured(reason, fmt::format("TLS {}: {}", doing, X509_verify_cert_error_string(verdict)));
    }
    if (code == 0) return failed(fmt::format("TLS {}", doing), system_error == 0 ? ECONNRESET : system_error);
    const int what = ERR_GET_REASON(code);
    if (what == SSL_R_UNEXPECTED_EOF_WHILE_READING) return transient("reset", fmt::format("TLS {}: the other side hung up", doing));
    const auto* words = ERR_reason_error_string(code);
    // Alerts 40 to 49 and 116 are about what we are: RFC 8446 §6.2. Others are about the protocol, such as its version.
    const int alert = what - SSL_AD_REASON_OFFSET;
    const bool is_about_us = (alert >= SSL_AD_HANDSHAKE_FAILURE && alert <= SSL_AD_ACCESS_DENIED) || alert == SSL_AD_CERTIFICATE_REQUIRED;
    return misconfigured(is_about_us ? "tls_client" : "tls_other", fmt::format("TLS {}: {}", doing, words == nullptr ? "failed" : words));
}

std::optional<Delivery> Wire::write(std::string_view bytes, milliseconds limit, const std::stop_token& stop)
{
    auto until = Clock::now() + limit;
    while (!bytes.empty()) {
        long count = 0;
        short wanted = POLLOUT;
        if (m_ssl == nullptr) {
            count = ::send(m_socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN && errno != EINTR) return failed("write", errno);
            m_plain += count > 0 ? static_cast<std::uint64_t>(count) : 0;
        } else {
            ERR_clear_error();
            count = SSL_write(m_ssl, bytes.data(), static_cast<int>(bytes.size()));
            const int error = count > 0 ? SSL_ERROR_NONE : SSL_get_error(m_ssl, static_cast<int>(count));
            if (error == SSL_ERROR_WANT_READ) wanted = POLLIN;
            if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return tls_failure("write");
        }
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            until = Clock::now() + limit;
        } else if (!wait(wanted, until, stop)) {
            return failed("write", ETIMEDOUT);
        }
    }
    return std::nullopt;
}

std::optional<Delivery> Wire::complaint()
{
    char ignored[512];
    for (;;) {
        if (m_ssl == nullptr) {
            const auto count = ::recv(m_socket.number(), ignored, sizeof ignored, MSG_DONTWAIT);
            if (count > 0) continue; // receivers of syslog say nothing; what they say all the same has no meaning
            if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
            return count == 0 ? transient("closed", "the receiver closed the connection") : failed("read", errno);
        }
        ERR_clear_error();
        const int count = SSL_read(m_ssl, ignored, sizeof ignored);
        if (count > 0) continue;
        const int error = SSL_get_error(m_ssl, count);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return std::nullopt;
        return error == SSL_ERROR_ZERO_RETURN ? transient("closed", "the receiver closed the connection") : tls_failure("read");
    }
}

std::uint64_t Wire::written() const
{
    return m_ssl == nullptr ? m_plain : BIO_number_written(SSL_get_wbio(m_ssl));
}

std::int64_t Wire::received() const
{
    int waiting = 0;
    if (::ioctl(m_socket.number(), SIOCOUTQ, &waiting) != 0) return -1;
    return static_cast<std::int64_t>(written()) - waiting;
}

void Wire::say_goodbye()
{
    if (m_ssl != nullptr) SSL_shutdown(m_ssl);
    ::shutdown(m_socket.number(), SHUT_WR);
}

bool Wire::wait(short events, Clock::time_point until, const std::stop_token& stop) const
{
    while (!stop.stop_requested() && Clock::now() < until) {
        pollfd ready{m_socket.number(), events, 0};
        if (::poll(&ready, 1, k_poll_ms) > 0) return true;
    }
    return false;
}

} // namespace seaworthy::sinks

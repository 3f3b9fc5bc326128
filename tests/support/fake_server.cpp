// SPDX-License-Identifier: Apache-2.0
#include "support/fake_server.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

namespace seaworthy::test {
namespace {

/// A connection's bytes, with or without TLS.
class Wire {
public:
    Wire(int socket, SSL_CTX* context) : m_socket(socket)
    {
        if (context == nullptr) return;
        m_ssl = SSL_new(context);
        SSL_set_fd(m_ssl, socket);
        m_good = SSL_accept(m_ssl) == 1;
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { SSL_free(m_ssl); }

    [[nodiscard]] bool good() const { return m_good; }
    long read(char* data, std::size_t size)
    {
        if (m_ssl != nullptr) return SSL_read(m_ssl, data, static_cast<int>(size));
        return ::recv(m_socket, data, size, 0);
    }
    bool write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const long sent = m_ssl != nullptr ? SSL_write(m_ssl, bytes.data(), static_cast<int>(bytes.size()))
                                               : ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void say_goodbye()
    {
        if (m_ssl != nullptr) SSL_shutdown(m_ssl);
    }
    [[nodiscard]] std::string peer_name() const
    {
        X509* certificate = m_ssl != nullptr ? SSL_get1_peer_certificate(m_ssl) : nullptr;
        if (certificate == nullptr) return {};
        char name[128] = {};
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        X509_free(certificate);
        return name;
    }

private:
    int m_socket;
    SSL* m_ssl = nullptr;
    bool m_good = true;
};

FakeServer::Request parse_head(std::string_view head)
{
    FakeServer::Request request;
    const auto first_end = head.find("\r\n");
    const std::string_view first = head.substr(0, first_end);
    const auto space = first.find(' ');
    request.method = first.substr(0, space);
    request.target = first.substr(space + 1, first.rfind(' ') - space - 1);
    std::string_view rest = head.substr(first_end + 2);
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        if (const auto colon = line.find(':'); colon != std::string_view::npos) {
            std::string name{line.substr(0, colon)};
            std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            std::string_view value = line.substr(colon + 1);
            while (!value.empty() && value.front() == ' ')
                value.remove_prefix(1);
            request.headers[name] = std::string{value};
        }
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 2);
    }
    return request;
}

} // namespace

struct FakeServer::Tls {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    ~Tls() { SSL_CTX_free(context); }
};

namespace {

template <typename Use>
void with_memory(const std::string& pem, Use use)
{
    BIO* memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    use(memory);
    BIO_free(memory);
}

} // namespace

FakeServer::FakeServer(Script script, Start start) : m_script(std::move(script))
{
    bind();
    if (start == Start::up) come_up();
}

FakeServer::FakeServer(Script script, const Identity& identity, const std::string& client_authority, Versions versions)
    : m_script(std::move(script)), m_tls(std::make_unique<Tls>())
{
    with_memory(identity.certificate, [&](BIO* memory) {
        X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
        SSL_CTX_use_certificate(m_tls->context, certificate);
        X509_free(certificate);
    });
    with_memory(identity.key, [&](BIO* memory) {
        EVP_PKEY* key = PEM_read_bio_PrivateKey(memory, nullptr, nullptr, nullptr);
        SSL_CTX_use_PrivateKey(m_tls->context, key);
        EVP_PKEY_free(key);
    });
    if (!client_authority.empty()) {
        with_memory(client_authority, [&](BIO* memory) {
            X509* certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
            X509_STORE_add_cert(SSL_CTX_get_cert_store(m_tls->context), certificate);
            X509_free(certificate);
        });
        SSL_CTX_set_verify(m_tls->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (versions == Versions::tls_1_1) {
        SSL_CTX_set_security_level(m_tls->context, 0); // OpenSSL 3 takes SHA-1, which TLS 1.1 signs with, at no higher one
        SSL_CTX_set_min_proto_version(m_tls->context, TLS1_1_VERSION);
        SSL_CTX_set_max_proto_version(m_tls->context, TLS1_1_VERSION);
    }
    bind();
    come_up();
}

void FakeServer::bind()
{
    m_listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1; // so that the port may be taken again while its old connections linger
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_port = htons(m_port);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("no listener");
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
}

void FakeServer::come_up()
{
    if (::listen(m_listener, 64) != 0) throw std::runtime_error("no listener");
    m_acceptor = std::thread{[this] { accept_connections(); }};
}

void FakeServer::go_down()
{
    ::shutdown(m_listener, SHUT_RDWR);
    if (m_acceptor.joinable()) m_acceptor.join();
    {
        const std::lock_guard lock{m_mutex};
        for (const int socket : m_open)
            ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& worker : m_workers)
        worker.join();
    m_workers.clear();
    ::close(m_listener);
    if (!m_stopping) bind();
}

FakeServer::~FakeServer()
{
    m_stopping = true;
    go_down();
}

void FakeServer::accept_connections()
{
    while (!m_stopping) {
        const int socket = ::accept(m_listener, nullptr, nullptr);
        if (socket < 0) return;
        const std::lock_guard lock{m_mutex};
        m_open.push_back(socket);
        m_workers.emplace_back([this, socket, n = ++m_connections] { serve(socket, n); });
    }
}

void FakeServer::serve(int socket, unsigned number)
{
    {
        Wire wire{socket, m_tls ? m_tls->context : nullptr};
        std::string input;
        bool open = wire.good();
        if (!open) { // let the alert arrive before the connection goes
            ::shutdown(socket, SHUT_WR);
            char bytes[4096];
            for (long size = 0; (size = ::recv(socket, bytes, sizeof bytes, 0)) > 0;) {
                const std::lock_guard lock{m_mutex};
                m_stray.append(bytes, static_cast<std::size_t>(size));
            }
        }
        const auto take = [this] {
            const std::lock_guard lock{m_mutex};
            return m_take;
        }();
        while (open && take) {
            char bytes[16384];
            const long size = wire.read(bytes, sizeof bytes);
            open = size > 0;
            if (open) take({bytes, static_cast<std::size_t>(size)});
        }
        while (open) {
            std::size_t head_end = 0;
            char buffer[16384];
            const auto receive = [&] {
                const long size = wire.read(buffer, sizeof buffer);
                if (size > 0) input.append(buffer, static_cast<std::size_t>(size));
                return size > 0;
            };
            while ((head_end = input.find("\r\n\r\n")) == std::string::npos && (open = receive())) {
                if (std::isalpha(static_cast<unsigned char>(input.front())) != 0) continue;
                wire.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"); // TLS on a plain port
                open = false;
                break;
            }
            if (!open) break;
            Request request = parse_head(std::string_view{input}.substr(0, head_end));
            input.erase(0, head_end + 4);
            const auto length = request.headers.find("content-length");
            const std::size_t body_size = length == request.headers.end() ? 0 : std::stoul(length->second);
            while (input.size() < body_size && (open = receive())) {}
            request.body = input.substr(0, body_size);
            input.erase(0, body_size);
            request.peer_name = wire.peer_name();
            request.connection = number;
            {
                const std::lock_guard lock{m_mutex};
                m_requests.push_back(request);
            }
            const Reply answer = m_script(request);
            if (answer.then == Reply::Then::drip) {
                constexpr int k_between_bytes_ms = 20;
                pollfd gone{socket, POLLRDHUP, 0};
                for (std::size_t i = 0; i < answer.bytes.size() && ::poll(&gone, 1, k_between_bytes_ms) == 0; ++i)
                    if (!wire.write(std::string_view{answer.bytes}.substr(i, 1))) break;
                open = false;
                break;
            }
            open = wire.write(answer.bytes) && answer.then == Reply::Then::keep;
            if (answer.then == Reply::Then::hang) {
                while (receive()) {}
            }
            if (answer.then == Reply::Then::close) wire.say_goodbye();
            if (answer.then == Reply::Then::reset) {
                const linger abrupt{1, 0};
                ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
            }
        }
    }
    const std::lock_guard lock{m_mutex};
    std::erase(m_open, socket);
    ::close(socket);
}

std::string FakeServer::url(std::string_view path) const
{
    return std::string{m_tls ? "https" : "http"} + "://127.0.0.1:" + std::to_string(m_port) + std::string{path};
}

std::vector<FakeServer::Request> FakeServer::requests() const
{
    const std::lock_guard lock{m_mutex};
    return m_requests;
}

std::string FakeServer::stray() const
{
    const std::lock_guard lock{m_mutex};
    return m_stray;
}

FakeServer::Reply reply(int status, std::string_view body, const std::vector<std::string>& header_lines)
{
    std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Text\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    for (const std::string& line : header_lines)
        bytes += line + "\r\n";
    return {bytes + "\r\n" + std::string{body}};
}

FakeServer::Reply json_reply(int status, std::string_view body, const std::vector<std::string>& header_lines)
{
    auto lines = header_lines;
    lines.emplace_back("Content-Type: application/json");
    return reply(status, body, lines);
}

std::uint16_t unused_port()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
}

} // namespace seaworthy::test

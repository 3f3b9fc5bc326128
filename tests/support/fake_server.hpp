// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 server on loopback whose every byte a test decides. TLS with certificates made on the spot.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace seaworthy::test {

/// A certificate and its key as PEM.
struct Identity {
    std::string certificate;
    std::string key;
};

/// A certificate authority of one test.
class Authority {
public:
    Authority();
    ~Authority();
    [[nodiscard]] const std::string& certificate() const;
    /// `alternative_names` in OpenSSL's syntax ("DNS:api.example,IP:127.0.0.1"); `valid_for_seconds` below 0 has expired.
    [[nodiscard]] Identity issue(const std::string& common_name, const std::string& alternative_names, long valid_for_seconds = 3600) const;

private:
    struct Keys;
    std::unique_ptr<Keys> m_keys;
};

class FakeServer {
public:
    struct Request {
        std::string method;
        std::string target;
        std::map<std::string, std::string> headers; ///< names in lower case
        std::string body;
        std::string peer_name;   ///< common name of the client's certificate
        unsigned connection = 0; ///< counts from 1
    };
    /// What to send, and whether to close (reset) the connection after it.
    struct Reply {
        std::string bytes;
        enum class Then { keep, close, reset, hang, drip } then = Then::keep; ///< drip: a byte now and then, until the client has enough
    };
    using Script = std::function<Reply(const Request&)>;
    enum class Start { up, down };           ///< down: connections are refused until come_up()
    enum class Versions { modern, tls_1_1 }; ///< of TLS; tls_1_1: that one alone

    explicit FakeServer(Script script, Start start = Start::up);
    FakeServer(Script script, const Identity& identity, const std::string& client_authority = {}, Versions versions = Versions::modern);
    ~FakeServer();
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    [[nodiscard]] std::string url(std::string_view path = "") const; ///< by address
    [[nodiscard]] std::vector<Request> requests() const;
    /// What came in the clear after a TLS handshake that failed.
    [[nodiscard]] std::string stray() const;
    /// Listens, at first or again.
    void come_up();
    /// Refuses connections and breaks off those that there are, until come_up().
    void go_down();
    /// Speaks no HTTP: whatever comes is handed over, and nothing answered. Before the first connection.
    void only_read(std::function<void(std::string_view)> take)
    {
        const std::lock_guard lock{m_mutex};
        m_take = std::move(take);
    }

private:
    struct Tls;
    void bind();
    void accept_connections();
    void serve(int socket, unsigned number);

    Script m_script;
    std::function<void(std::string_view)> m_take;
    std::unique_ptr<Tls> m_tls;
    int m_listener = -1;
    std::uint16_t m_port = 0;
    std::atomic<bool> m_stopping = false;
    mutable std::mutex m_mutex;
    std::vector<Request> m_requests;
    std::string m_stray;
    std::vector<int> m_open;
    unsigned m_connections = 0;
    std::vector<std::thread> m_workers;
    std::thread m_acceptor;
};

/// An answer with Content-Length.
[[nodiscard]] FakeServer::Reply reply(int status, std::string_view body, const std::vector<std::string>& header_lines = {});
/// A JSON answer with Content-Length.
[[nodiscard]] FakeServer::Reply json_reply(int status, std::string_view body, const std::vector<std::string>& header_lines = {});

/// A loopback port that nobody listens on.
[[nodiscard]] std::uint16_t unused_port();

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::http {

struct Field {
    std::string name;
    std::string value;
};

/// A request whose head (and body, where one is allowed) has arrived whole and has passed every limit.
struct Request {
    std::string method;         ///< GET, HEAD, POST…; the handler answers 405 to what it does not serve
    std::string path;           ///< percent-decoded, begins with '/', holds no control character
    std::vector<Field> query;   ///< decoded, in the order of the target
    std::vector<Field> headers; ///< as sent, in order
    std::string body;           ///< empty unless Limits::body_bytes allows one
    std::string peer;           ///< the address of the socket's other end; no header can change it
    bool tls = false;

    /// The first header of that name, compared without case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// The first query parameter of that name; empty when there is none.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;
    [[nodiscard]] bool has_parameter(std::string_view name) const;
    /// Whether Accept-Encoding takes gzip (RFC 9110 §12.5.3, q=0 means no).
    [[nodiscard]] bool accepts_gzip() const;
};

/// Where a streamed body goes. Used by the one call that it was handed to.
class BodyWriter {
public:
    virtual ~BodyWriter() = default;
    /// Blocks until the peer took all of it. False: the peer is gone, the reply's deadline passed or the server stops.
    [[nodiscard]] virtual bool write(std::string_view bytes) = 0;
    /// Waits; false when the server stops before the time is over.
    [[nodiscard]] virtual bool sleep(std::chrono::milliseconds duration) = 0;
    /// Makes the end of this connection a TCP reset in place of an orderly close.
    virtual void reset_connection() = 0;
};

/// Writes a body piece by piece; false cuts the connection without the end mark, so the client sees a truncated reply.
/// Occupies a worker until it returns.
using StreamBody = std::function<bool(BodyWriter&)>;

/// What a handler answers. `body` is shared, never copied, and sent as it is: a compressed one needs its own Content-Encoding header.
/// For HEAD the same reply is given; the server sends its head alone.
struct Reply {
    int status = 200;
    std::string content_type;
    std::vector<Field> headers; ///< a value with CR or LF is dropped
    std::shared_ptr<const std::string> body;
    StreamBody stream;  ///< in place of `body`, sent chunked
    bool close = false; ///< close the connection after this reply

    [[nodiscard]] static Reply of(int status, std::string content_type, std::string body)
    {
        return {status, std::move(content_type), {}, std::make_shared<const std::string>(std::move(body)), nullptr, false};
    }
    [[nodiscard]] static Reply of(int status, std::string content_type, std::shared_ptr<const std::string> body)
    {
        return {status, std::move(content_type), {}, std::move(body), nullptr, false};
    }
};

/// Called from several workers at once. An exception becomes a 500 without its message.
using Handler = std::function<Reply(const Request&)>;

/// Caps on what a peer may cost. Deadlines are totals: a byte now and then does not extend them.
struct Limits {
    std::size_t connections = 256;
    std::size_t connections_per_address = 64;
    std::size_t head_bytes = 16 * 1024;
    std::size_t head_lines = 100;
    std::size_t body_bytes = 0; ///< 0: a request with a body is refused
    std::chrono::milliseconds head_deadline{5000};
    std::chrono::milliseconds reply_deadline{10000};
    std::chrono::milliseconds idle_deadline{5000}; ///< between two requests of one connection
    unsigned requests_per_connection = 100;
};

struct Options {
    std::string listen = "127.0.0.1:0"; ///< host:port, [v6]:port, :port for all addresses (port 0: the kernel chooses), or unix:/path
    unsigned workers = 4;               ///< threads that run the handler
    Limits limits;
    std::string certificate_file; ///< PEM chain; with key_file it makes the listener TLS (1.2 or later). Read again when it changes.
    std::string key_file;
    std::string client_ca_file;         ///< PEM; with it a client needs a certificate of one of these authorities. Read again when it changes.
    std::vector<Field> default_headers; ///< added to every reply, the server's own refusals included
};

/// Counted since the start, but for `connections`.
struct Counters {
    std::uint64_t accepted = 0;
    std::uint64_t requests = 0;           ///< complete heads handed to the handler
    std::uint64_t rejected_limit = 0;     ///< a connection cap
    std::uint64_t rejected_deadline = 0;  ///< the head did not arrive, or the reply was not read, in time
    std::uint64_t rejected_malformed = 0; ///< not HTTP/1.x, or a head that two parsers could read differently
    std::uint64_t rejected_too_large = 0; ///< head or body over a limit
    std::size_t connections = 0;          ///< open now
};

/// An HTTP/1.1 listener over cpp-httplib that supplies the limits that library lacks: one thread accepts, gathers heads
/// and sends what clients are slow to read; a worker is taken for a complete request only. So slow clients, however many,
/// delay nobody else. Listens from start() until stop() or the destructor, which take well under a second.
class Server {
public:
    /// Fails when the address cannot be bound or the certificate cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(Options options, Handler handler);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Closes the listener and every connection. A handler that is running is waited for. May be called twice.
    void stop();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] Counters counters() const;

private:
    struct Implementation;
    explicit Server(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace seaworthy::http

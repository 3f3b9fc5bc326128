// SPDX-License-Identifier: Apache-2.0
// All outgoing HTTP of the program: the Kubernetes API, read-only probes and HTTP sinks share this client.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::net {

using std::chrono::milliseconds;

enum class Method : std::uint8_t { get, head, post, put, patch, delete_ };

struct Header {
    std::string name;
    std::string value;
};

/// Whom to trust and who we are. PEM text, never paths: who read the files knows how to name them in an error.
struct Tls {
    std::string ca_pem;             ///< empty: the system's trust store
    std::string client_certificate; ///< PEM chain; empty: none
    std::string client_key;         ///< PEM
    std::string server_name;        ///< name to send (SNI) and to verify instead of the URL's host; empty: the host
    bool verify = true;
};

/// How to get to a server. Shared by the requests that go there: equal routes reuse connections.
struct Route {
    Tls tls;
    std::string proxy;             ///< http://, https:// or socks5:// URL; empty: none. The environment is never consulted here.
    std::string no_proxy;          ///< comma-separated hosts, suffixes and CIDRs that bypass `proxy`
    std::string unix_socket;       ///< connect to this socket, whatever the URL's host; empty: by TCP
    bool allow_plain_http = false; ///< false: anything but https is refused before a byte is sent
};

/// Addresses that a request may go to, decided after the name was resolved, so that no name leads elsewhere.
enum class Reach : std::uint8_t {
    any,
    no_metadata, ///< no link-local address and none of the clouds' metadata services: hosts that the configuration names
    global,      ///< nor any private, shared or loopback address: hosts that an answer names
};

struct Request {
    Method method = Method::get;
    std::string url;
    std::vector<Header> headers; ///< a value with a control character fails the request
    std::string body;
    std::shared_ptr<const Route> route; ///< nullptr: a default Route
    milliseconds connect_timeout{5'000};
    milliseconds timeout{65'000};              ///< from start to the last byte
    milliseconds stall_timeout{20'000};        ///< fewer than 1,024 B/s for that long is a failure
    std::uint64_t max_body_bytes = 16U << 20U; ///< after content decoding
    bool accept_gzip = false;                  ///< false: identity is asked for
    Reach reach = Reach::any;
    bool wants_certificate = false; ///< fills `Outcome::certificate_not_after`
};

/// Why a transfer has no complete answer. The names are those of `error` in a snapshot's probes where they occur there.
enum class Cause : std::uint8_t {
    none,
    stopped, ///< the caller stopped, or a handler returned Next::abort
    dns,
    refused,
    unreachable, ///< no route to the host or network
    reset,
    timeout,
    truncated, ///< the connection ended before the body did
    tls_untrusted,
    tls_expired,
    tls_name,
    tls_client, ///< the server wants another client certificate, or ours cannot be used
    tls_other,
    plain_http, ///< TLS was spoken to a plain HTTP port
    proxy,
    too_large,
    invalid, ///< the request cannot be sent: URL, scheme, header
    protocol,
    denied, ///< the address is outside `Request::reach`
};
[[nodiscard]] std::string_view name(Cause cause); ///< "tls_untrusted"; empty for none

struct Head {
    int status = 0;
    std::vector<Header> headers; ///< names in lower case, in order of arrival

    /// The first value of that (lower-case) name, or an empty string.
    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

/// How a transfer ended. An HTTP error status is an answer: `cause` is none there.
struct Outcome {
    Cause cause = Cause::none;
    std::string detail;           ///< the transport's own words; free of credentials
    Head head;                    ///< status 0 if the answer never began
    std::uint64_t body_bytes = 0; ///< after content decoding
    std::uint64_t wire_bytes = 0; ///< as received
    milliseconds elapsed{0};
    Timestamp certificate_not_after; ///< of the server's own certificate, where it was wanted and TLS was spoken

    [[nodiscard]] bool complete() const { return cause == Cause::none; }
};

/// One sentence with the host and the cause, and the next step to take. `url` may carry a query; it is left out.
[[nodiscard]] Error describe(std::string_view url, const Outcome& outcome);

/// Takes one answer as it arrives. Calls come from Client::step, on its thread.
class Handler {
public:
    enum class Next : std::uint8_t { go_on, abort };

    virtual ~Handler() = default;
    virtual Next on_head(const Head&) { return Next::go_on; }
    /// Decoded bytes of the body, valid during the call.
    virtual Next on_data(std::string_view bytes) = 0;
    /// Always called, once, last. May start further requests.
    virtual void on_done(const Outcome& outcome) = 0;
};

struct Response {
    Head head;
    std::string body;
};

struct ClientOptions {
    std::string user_agent;
    long max_connections_per_host = 4;
};

/// An HTTP/1.1 client: one event loop, driven by the thread that calls step() or fetch(); connections are kept alive and reused.
/// TLS 1.2 or newer, no redirects, no cookies, no `.netrc`, no proxy from the environment. Not thread-safe: one client a thread.
class Client {
public:
    explicit Client(ClientOptions options);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    /// Begins a transfer. `handler` must live until its on_done, which comes from a later step().
    void start(Request request, Handler& handler);
    /// Transfers that have not ended.
    [[nodiscard]] std::size_t in_flight() const;
    /// Moves every transfer on and delivers what arrived; returns after something happened, `max_wait` or a stop request.
    void step(milliseconds max_wait, const std::stop_token& stop = {});
    /// Ends every transfer with Cause::stopped.
    void cancel_all();

    /// One whole answer, at most `request.max_body_bytes` long. Any HTTP status is a Response; no complete answer is an Error.
    [[nodiscard]] Result<Response> fetch(Request request, const std::stop_token& stop = {});

private:
    class Loop;
    std::unique_ptr<Loop> m_loop;
};

} // namespace seaworthy::net

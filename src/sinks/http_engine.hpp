// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/config/events.hpp"
#include "seaworthy/net/client.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// How the content of token_file is shown to the receiver. A user name and password are shown by HTTP basic authentication (RFC 7617) whatever this
/// is.
enum class Authorization : std::uint8_t {
    bearer, ///< RFC 6750
    splunk, ///< `Splunk <token>`
    api_key,
    own, ///< nothing: the draft has its own credentials
};

/// One request before it has an address and credentials.
struct Draft {
    std::string path; ///< behind the configured URL, unless that ends with it; with a query perhaps
    std::string content_type;
    std::vector<net::Header> headers;
    std::string body;
    bool gzip = false;
    Authorization authorization = Authorization::bearer;
    std::string url{};                           ///< instead of the configured one; the configured server_name is not for it
    std::vector<std::string> secrets{};          ///< of the headers and the body: never to be told
    std::uint64_t max_answer_bytes = 64U << 10U; ///< what comes behind is not looked at
};

struct Reply {
    int status = 0;
    std::string body;
    std::optional<milliseconds> wait; ///< Retry-After
};

/// Sends the requests of one sink. Its files (URL, token, password, certificates) are read anew for each. Used by one thread.
class HttpEngine {
public:
    HttpEngine(const config::Sink& sink, const std::string& user_agent);
    ~HttpEngine();
    HttpEngine(const HttpEngine&) = delete;
    HttpEngine& operator=(const HttpEngine&) = delete;

    /// The receiver's reply, or why there is none.
    [[nodiscard]] tl::expected<Reply, Delivery> post(Draft draft, const std::stop_token& stop);
    /// The same without waiting: begins a request if none is under way, and moves it on for a moment. Nothing: not there yet.
    [[nodiscard]] std::optional<tl::expected<Reply, Delivery>> poll(const Draft& draft);

    /// `text` without the credentials of the last request, printable and at most 500 bytes long.
    [[nodiscard]] std::string clean(std::string_view text) const;

private:
    class Exchange;
    [[nodiscard]] tl::expected<net::Request, Delivery> prepare(Draft draft);
    [[nodiscard]] tl::expected<std::string, Delivery> secret(const std::string& path, std::string_view what);
    [[nodiscard]] tl::expected<void, Delivery> authorize(Authorization authorization, std::vector<net::Header>& headers);
    [[nodiscard]] tl::expected<std::string, Delivery> base_url();
    [[nodiscard]] tl::expected<net::Route, Delivery> route();
    [[nodiscard]] tl::expected<Reply, Delivery> finish(Exchange& exchange) const;

    config::Sink m_sink;
    std::vector<std::string> m_secrets;
    std::unique_ptr<Exchange> m_poll; // outlives the client, which calls it
    net::Client m_client;
};

/// What a file holds, without the white space around it; `what` names it in the fault.
[[nodiscard]] tl::expected<std::string, Delivery> read_secret(const std::string& path, std::string_view what);

/// A fault of the sink that shows before anything is sent.
[[nodiscard]] Delivery misconfigured(std::string reason, std::string_view detail);

/// What a status says that has no special meaning for the receiver: by RFC 9110, and by what webhooks and log intakes agree on.
[[nodiscard]] Answer answer_of(int status);
/// A Delivery with that, the status, the wait and the beginning of the reply's body.
[[nodiscard]] Delivery judge_by_status(const HttpEngine& engine, const Reply& reply);

/// Retry-After (RFC 9110 §10.2.3): seconds or an HTTP date, as the time from `now` (seconds since 1970). Nothing for anything else.
[[nodiscard]] std::optional<milliseconds> parse_retry_after(std::string_view value, std::int64_t now);

} // namespace seaworthy::sinks

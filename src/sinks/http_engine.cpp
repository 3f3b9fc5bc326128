// SPDX-License-Identifier: Apache-2.0
#include "sinks/http_engine.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/url.hpp"
#include "sinks/codec.hpp"

namespace seaworthy::sinks {
namespace {

constexpr std::size_t k_detail_bytes = 497; ///< printable() adds an ellipsis of three
constexpr std::size_t k_secret_bytes = 64U << 10U;
constexpr std::size_t k_shortest_secret = 4; ///< to be blotted out: a shorter one would make holes in any text
constexpr std::uint64_t k_answer_bytes = 64U << 20U;
constexpr milliseconds k_connect{5'000};
constexpr milliseconds k_poll{100};

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view k_space = " \t\r\n";
    const auto from = text.find_first_not_of(k_space);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(k_space) - from + 1);
}

/// `url` with `path` behind it, unless it has it already.
std::string join(std::string_view url, std::string_view path)
{
    const auto end = path.find('?');
    const auto plain = path.substr(0, end);
    const auto query = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    while (url.ends_with('/') && !plain.empty())
        url.remove_suffix(1);
    if (!plain.empty() && url.ends_with(plain)) return fmt::format("{}{}", url, query);
    return fmt::format("{}{}{}", url, plain, query);
}

/// Whether there is somebody who has to mend something before a next try can end otherwise.
bool is_fault(net::Cause cause)
{
    using enum net::Cause;
    switch (cause) {
    case tls_untrusted:
    case tls_expired:
    case tls_name:
    case tls_client:
    case tls_other:
    case plain_http:
    case invalid:
    case denied: return true;
    default: return false;
    }
}

} // namespace

class HttpEngine::Exchange final : public net::Handler {
public:
    explicit Exchange(std::uint64_t max_bytes) : m_max_bytes(max_bytes) {}

    Next on_data(std::string_view bytes) override
    {
        body.append(bytes.substr(0, m_max_bytes - std::min<std::uint64_t>(m_max_bytes, body.size())));
        return Next::go_on;
    }
    void on_done(const net::Outcome& result) override
    {
        outcome = result;
        done = true;
    }

    std::string body;
    net::Outcome outcome;
    bool done = false;

private:
    std::uint64_t m_max_bytes;
};

HttpEngine::HttpEngine(const config::Sink& sink, const std::string& user_agent) : m_sink(sink), m_client({user_agent, 2}) {}

HttpEngine::~HttpEngine()
{
    m_client.cancel_all();
}

tl::expected<Reply, Delivery> HttpEngine::post(Draft draft, const std::stop_token& stop)
{
    Exchange exchange{draft.max_answer_bytes};
    auto request = prepare(std::move(draft));
    if (!request) return tl::make_unexpected(std::move(request).error());
    m_client.start(std::move(*request), exchange);
    while (!exchange.done && !stop.stop_requested())
        m_client.step(std::chrono::seconds{1}, stop);
    if (!exchange.done) {
        m_client.cancel_all();
        // The client tells the end in a later step at the latest.
        while (!exchange.done && m_client.in_flight() > 0)
            m_client.step(milliseconds{0});
    }
    return finish(exchange);
}

std::optional<tl::expected<Reply, Delivery>> HttpEngine::poll(const Draft& draft)
{
    using Answered = tl::expected<Reply, Delivery>;
    if (!m_poll) {
        auto request = prepare(draft);
        if (!request) return Answered{tl::make_unexpected(std::move(request).error())};
        m_poll = std::make_unique<Exchange>(draft.max_answer_bytes);
        m_client.start(std::move(*request), *m_poll);
    }
    const auto until = std::chrono::steady_clock::now() + k_poll;
    while (!m_poll->done && std::chrono::steady_clock::now() < until)
        m_client.step(k_poll / 4);
    if (!m_poll->done) return std::nullopt;
    auto answered = finish(*m_poll);
    m_poll.reset();
    return answered;
}

tl::expected<std::string, Delivery> HttpEngine::secret(const std::string& path, std::string_view what)
{
    auto value = read_secret(path, what);
    if (value) m_secrets.push_back(*value);
    return value;
}

tl::expected<net::Route, Delivery> HttpEngine::route()
{
    net::Route route;
    route.allow_plain_http = m_sink.allow_http;
    route.tls.server_name = m_sink.server_name;
    const auto read = [](const std::string& path, std::string& into) -> tl::expected<void, Delivery> {
        if (path.empty()) return {};
        auto pem = read_file(path);
        if (!pem) return tl::make_unexpected(misconfigured("tls_file", pem.error().message));
        into = std::move(*pem);
        return {};
    };
    SEAWORTHY_TRY(read(m_sink.ca_file, route.tls.ca_pem));
    SEAWORTHY_TRY(read(m_sink.certificate_file, route.tls.client_certificate));
    SEAWORTHY_TRY(read(m_sink.key_file, route.tls.client_key));
    return route;
}

tl::expected<std::string, Delivery> HttpEngine::base_url()
{
    if (m_sink.url_file.empty()) return m_sink.url;
    auto url = secret(m_sink.url_file, "URL");
    if (!url) return url;
    // The path is what is secret about such a URL, and what a message may quote without the rest.
    if (const auto path = url->find('/', url->find("://") + 3); path != std::string::npos) m_secrets.push_back(url->substr(path));
    if (const auto last = url->rfind('/'); last != std::string::npos) m_secrets.push_back(url->substr(last + 1));
    return url;
}

tl::expected<void, Delivery> HttpEngine::authorize(Authorization authorization, std::vector<net::Header>& headers)
{
    if (authorization == Authorization::own) return {};
    if (!m_sink.token_file.empty()) {
        const auto token = secret(m_sink.token_file, "token");
        if (!token) return tl::make_unexpected(token.error());
        const auto* scheme = authorization == Authorization::splunk ? "Splunk" : authorization == Authorization::api_key ? "ApiKey" : "Bearer";
        headers.push_back({"Authorization", fmt::format("{} {}", scheme, *token)});
    } else if (!m_sink.username.empty()) {
        const auto password = secret(m_sink.password_file, "password");
        if (!password) return tl::make_unexpected(password.error());
        m_secrets.push_back(encode_base64(m_sink.username + ":" + *password));
        headers.push_back({"Authorization", "Basic " + m_secrets.back()});
    }
    return {};
}

tl::expected<net::Request, Delivery> HttpEngine::prepare(Draft draft)
{
    m_secrets = std::move(draft.secrets);
    net::Request request;
    request.method = net::Method::post;
    const bool is_ours = draft.url.empty();
    auto base = is_ours ? base_url() : tl::expected<std::string, Delivery>{std::move(draft.url)};
    if (!base) return tl::make_unexpected(std::move(base).error());
    request.url = join(*base, draft.path);
    const auto parsed = net::parse_url(request.url);
    if (!parsed) return tl::make_unexpected(misconfigured("url", m_sink.url_file.empty() ? parsed.error().message : m_sink.url_file + ": no URL"));
    if (parsed->has_credentials)
        return tl::make_unexpected(misconfigured("url", "the URL has a password in it: write it to passwordFile or tokenFile"));
    if (parsed->scheme != "https" && !m_sink.allow_http)
        return tl::make_unexpected(misconfigured("url", "the URL is not https://: set allowPlaintext where the network is trusted"));

    request.headers = std::move(draft.headers);
    request.headers.push_back({"Content-Type", draft.content_type});
    SEAWORTHY_TRY(authorize(draft.authorization, request.headers));
    request.body = std::move(draft.body);
    if (draft.gzip) {
        request.body = gzip(request.body);
        request.headers.push_back({"Content-Encoding", "gzip"});
    }
    auto way = route();
    if (!way) return tl::make_unexpected(std::move(way).error());
    if (!is_ours) way->tls.server_name.clear();
    request.route = std::make_shared<const net::Route>(std::move(*way));
    request.connect_timeout = std::min(k_connect, m_sink.timeout);
    request.timeout = m_sink.timeout;
    request.stall_timeout = m_sink.timeout; // a receiver may think as long as it likes within the limit
    request.max_body_bytes = k_answer_bytes;
    request.reach = net::Reach::no_metadata;
    return request;
}

tl::expected<Reply, Delivery> HttpEngine::finish(Exchange& exchange) const
{
    const auto& outcome = exchange.outcome;
    if (!outcome.complete()) {
        Delivery failed;
        failed.answer = is_fault(outcome.cause) ? Answer::sink_fault : Answer::transient;
        failed.reason = exchange.done ? net::name(outcome.cause) : "stopped";
        failed.status = outcome.head.status;
        failed.detail = clean(outcome.detail.empty() ? failed.reason : fmt::format("{}: {}", failed.reason, outcome.detail));
        return tl::make_unexpected(std::move(failed));
    }
    const auto wait = parse_retry_after(outcome.head.header("retry-after"), std::time(nullptr));
    return Reply{outcome.head.status, std::move(exchange.body), wait};
}

std::string HttpEngine::clean(std::string_view text) const
{
    std::string result{text.substr(0, 16 * k_detail_bytes)};
    for (const auto& secret : m_secrets) {
        if (secret.size() < k_shortest_secret) continue;
        for (std::size_t at = 0; (at = result.find(secret, at)) != std::string::npos; at += 3)
            result.replace(at, secret.size(), "***");
    }
    return printable(result, k_detail_bytes);
}

tl::expected<std::string, Delivery> read_secret(const std::string& path, std::string_view what)
{
    const auto content = read_file(path, k_secret_bytes);
    if (!content) return tl::make_unexpected(misconfigured("token", content.error().message));
    std::string value{trimmed(*content)};
    if (value.empty()) return tl::make_unexpected(misconfigured("token", fmt::format("{}: the {} is empty", path, what)));
    return value;
}

Delivery misconfigured(std::string reason, std::string_view detail)
{
    return {.answer = Answer::sink_fault, .reason = std::move(reason), .detail = printable(detail, k_detail_bytes)};
}

Answer answer_of(int status)
{
    if (status >= 200 && status < 300) return Answer::delivered;
    switch (status) {
    case 408:
    case 425:
    case 429: return Answer::transient;
    case 413: return Answer::too_large;
    case 400:
    case 422: return Answer::event_fault;
    default: return status >= 500 ? Answer::transient : Answer::sink_fault;
    }
}

Delivery judge_by_status(const HttpEngine& engine, const Reply& reply)
{
    Delivery delivery;
    delivery.answer = answer_of(reply.status);
    delivery.status = reply.status;
    delivery.reason = fmt::format("http_{}", reply.status);
    delivery.wait = reply.wait;
    if (delivery.answer != Answer::delivered) {
        const auto body = trimmed(reply.body);
        delivery.detail = engine.clean(body.empty() ? fmt::format("HTTP {}", reply.status) : fmt::format("HTTP {}: {}", reply.status, body));
    }
    return delivery;
}

std::optional<milliseconds> parse_retry_after(std::string_view value, std::int64_t now)
{
    constexpr std::int64_t k_most = 1'000'000'000; // seconds; the worker has a limit of its own
    value = trimmed(value);
    if (value.empty()) return std::nullopt;
    if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
        std::int64_t seconds = k_most;
        std::from_chars(value.data(), value.data() + value.size(), seconds); // out of range leaves the limit
        return milliseconds{std::min(seconds, k_most) * 1000};
    }
    std::tm parts{};
    const std::string text{value};
    const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts); // IMF-fixdate; the program's locale is "C"
    if (end == nullptr || *end != '\0') return std::nullopt;
    const auto seconds = static_cast<std::int64_t>(::timegm(&parts)) - now;
    return milliseconds{std::clamp<std::int64_t>(seconds, 0, k_most) * 1000};
}

} // namespace seaworthy::sinks

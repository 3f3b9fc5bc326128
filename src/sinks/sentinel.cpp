// SPDX-License-Identifier: Apache-2.0
#include "sinks/sentinel.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/net/url.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Json = nlohmann::json;

constexpr int k_ok = 200;
constexpr int k_no_content = 204;
constexpr int k_unauthorized = 401;
/// "Maximum size of API call: 1 MB, for both compressed and uncompressed data" (Azure Monitor service limits, Logs Ingestion API).
constexpr std::size_t k_most_bytes = 1'000'000;
constexpr std::chrono::seconds k_early{300};   ///< before its end, a token is had anew
constexpr std::chrono::seconds k_usual{3'600}; ///< of a token that does not say how long it holds
constexpr std::chrono::seconds k_longest{86'400};
constexpr std::string_view k_public_cloud = "https://monitor.azure.com";

} // namespace

Sentinel::Sentinel(const config::Sink& sink, const std::string& user_agent, std::function<Clock::time_point()> now)
    : m_sink(sink), m_engine(sink, user_agent), m_now(std::move(now))
{}

std::string Sentinel::token_url() const
{
    if (!m_sink.token_url.empty()) return m_sink.token_url;
    return fmt::format("https://login.microsoftonline.com/{}/oauth2/v2.0/token", percent_encode(m_sink.tenant_id));
}

/// The API's own identifier ends with a slash, so there are two. Each national cloud has its own.
std::string Sentinel::scope() const
{
    std::string_view audience = k_public_cloud;
    if (const auto url = net::parse_url(m_sink.url)) {
        if (url->host.ends_with(".azure.us")) audience = "https://monitor.azure.us";
        if (url->host.ends_with(".azure.cn")) audience = "https://monitor.azure.cn";
    }
    return fmt::format("{}//.default", audience);
}

tl::expected<void, Delivery> Sentinel::log_in(const std::stop_token& stop)
{
    if (!m_token.empty() && m_now() < m_token_until) return {};
    m_token.clear();
    const auto secret = read_secret(m_sink.token_file, "client secret");
    if (!secret) return tl::make_unexpected(secret.error());
    Draft draft;
    draft.url = token_url();
    draft.content_type = "application/x-www-form-urlencoded";
    draft.authorization = Authorization::own;
    draft.secrets = {*secret, percent_encode(*secret)};
    draft.body = fmt::format("grant_type=client_credentials&client_id={}&client_secret={}&scope={}", percent_encode(m_sink.client_id),
                             draft.secrets.back(), percent_encode(scope()));
    const auto reply = m_engine.post(std::move(draft), stop);
    if (!reply) return tl::make_unexpected(reply.error());
    const auto json = Json::parse(reply->body, nullptr, false);
    if (reply->status != k_ok) {
        auto delivery = judge_by_status(m_engine, *reply);
        delivery.detail = "access token: " + delivery.detail;
        // RFC 6749 §5.2 answers 400 to a wrong secret, which is no fault of the events.
        if (delivery.answer != Answer::transient) {
            delivery.answer = Answer::sink_fault;
            delivery.reason = "token";
        }
        return tl::make_unexpected(std::move(delivery));
    }
    const auto token = json.is_object() ? json.find("access_token") : json.end();
    if (token == json.end() || !token->is_string() || token->get_ref<const std::string&>().empty())
        return tl::make_unexpected(misconfigured("token", m_engine.clean(fmt::format("{} gives no access token", token_url()))));
    m_token = token->get<std::string>();
    const auto holds = json.find("expires_in");
    const auto seconds = holds != json.end() && holds->is_number_integer()
                             ? std::chrono::seconds{std::clamp<std::int64_t>(holds->get<std::int64_t>(), 0, k_longest.count())}
                             : k_usual;
    m_token_until = m_now() + std::max(seconds - k_early, seconds / 2);
    return {};
}

tl::expected<std::string, Delivery> Sentinel::records(std::span<const state::EventRow> events) const
{
    const auto texts = render(events, format_of(m_sink, events::Format::json));
    if (!texts) return tl::make_unexpected(texts.error());
    std::string body;
    for (std::size_t i = 0; i < texts->size(); ++i) {
        // Every table has TimeGenerated; a rule without a transformation needs it in the record.
        body +=
            fmt::format(R"({}{{"TimeGenerated":"{}",{})", i == 0 ? "[" : ",", iso_time(events[i].created), std::string_view{(*texts)[i]}.substr(1));
    }
    body += ']';
    if (body.size() > k_most_bytes)
        return tl::make_unexpected(Delivery{
            .answer = Answer::too_large, .reason = "max_request", .detail = fmt::format("{} bytes are more than the API takes", body.size())});
    return body;
}

Delivery Sentinel::send(std::span<const state::EventRow> events, const std::stop_token& stop)
{
    auto body = records(events);
    if (!body) return std::move(body).error();
    for (bool is_second = false;; is_second = true) {
        if (auto logged_in = log_in(stop); !logged_in) return std::move(logged_in).error();
        Draft draft;
        draft.path =
            fmt::format("/dataCollectionRules/{}/streams/{}?api-version=2023-01-01", percent_encode(m_sink.rule_id), percent_encode(m_sink.stream));
        draft.content_type = "application/json";
        draft.authorization = Authorization::own;
        draft.headers.push_back({"Authorization", "Bearer " + m_token});
        draft.secrets = {m_token};
        draft.gzip = m_sink.gzip;
        draft.body = *body;
        const auto reply = m_engine.post(std::move(draft), stop);
        if (!reply) return reply.error();
        auto delivery = judge_by_status(m_engine, *reply);
        if (delivery.answer == Answer::delivered && reply->status != k_no_content) {
            delivery.answer = Answer::sink_fault;
            delivery.detail = fmt::format("HTTP {}, but not the ingestion API's answer", reply->status);
        }
        if (delivery.answer == Answer::sink_fault) m_token.clear(); // rights that were granted meanwhile are in a new one
        // It may have ended early: revoked, or by a clock that is wrong.
        if (reply->status == k_unauthorized && !is_second) continue;
        return delivery;
    }
}

} // namespace seaworthy::sinks

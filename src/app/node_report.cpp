// SPDX-License-Identifier: Apache-2.0
#include "app/node_report.hpp"

namespace seaworthy::app {

namespace {

constexpr std::chrono::seconds k_kept{10};
constexpr std::string_view k_bearer = "Bearer ";

http::Reply plain(int status, std::string text)
{
    return http::Reply::of(status, "text/plain; charset=utf-8", std::move(text));
}

} // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    return difference == 0;
}

bool NodeReport::is_authorized(const http::Request& request) const
{
    if (m_token.empty()) return true;
    const auto header = request.header("authorization");
    return header.starts_with(k_bearer) && equal_in_constant_time(header.substr(k_bearer.size()), m_token);
}

std::shared_ptr<const std::string> NodeReport::report()
{
    const std::lock_guard lock{m_mutex};
    const auto now = std::chrono::steady_clock::now();
    if (!m_report || now - m_read_at >= k_kept) {
        m_report = std::make_shared<const std::string>(to_json(node::read_registry_config(m_options)) + "\n");
        m_read_at = std::chrono::steady_clock::now();
    }
    return m_report;
}

http::Reply NodeReport::answer(const http::Request& request)
{
    const bool is_report = request.path == "/v1/registry-config";
    if (!is_report && request.path != "/healthz") return plain(404, "not found\n");
    if (request.method != "GET" && request.method != "HEAD") {
        auto reply = plain(405, "GET and HEAD only\n");
        reply.headers.push_back({"Allow", "GET, HEAD"});
        return reply;
    }
    if (!is_report) return plain(200, "ok\n");
    if (!is_authorized(request)) {
        auto reply = plain(401, "a token is needed\n");
        reply.headers.push_back({"WWW-Authenticate", "Bearer"});
        return reply;
    }
    return http::Reply::of(200, "application/json", report());
}

} // namespace seaworthy::app

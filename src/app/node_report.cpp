// SPDX-License-Identifier: Apache-2.0
#include "app/node_report.hpp"

#include <fmt/format.h>

#include "seaworthy/base/file_content.hpp"

namespace seaworthy::app {

namespace {

constexpr std::chrono::seconds k_kept{10};
constexpr std::string_view k_bearer = "Bearer ";

http::Reply plain(int status, std::string text)
{
    return http::Reply::of(status, "text/plain; charset=utf-8", std::move(text));
}

/// A Secret's file often ends in a line break.
Result<std::string> read_token(const std::string& file)
{
    constexpr std::size_t k_longest = 4096;
    auto text = read_file(file, k_longest);
    if (!text) return text;
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' '))
        text->pop_back();
    if (text->empty()) return failure(Error::Kind::usage, fmt::format("{} holds no token", file));
    return text;
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

Result<std::unique_ptr<NodeReport>> NodeReport::open(node::ReaderOptions options, std::string token_file)
{
    std::unique_ptr<NodeReport> report{new NodeReport{std::move(options), std::move(token_file)}}; // NOLINT: its constructor is private
    if (report->m_token_file.empty()) return report;
    auto token = read_token(report->m_token_file);
    if (!token) return tl::make_unexpected(token.error());
    report->m_token = {std::make_shared<const std::string>(std::move(*token)), std::chrono::steady_clock::now()};
    return report;
}

bool NodeReport::is_authorized(const http::Request& request)
{
    if (m_token_file.empty()) return true;
    std::shared_ptr<const std::string> token;
    {
        const std::lock_guard lock{m_mutex};
        if (const auto now = std::chrono::steady_clock::now(); now - m_token.read_at >= k_kept) {
            m_token.read_at = now;
            if (auto renewed = read_token(m_token_file)) m_token.text = std::make_shared<const std::string>(std::move(*renewed));
        }
        token = m_token.text;
    }
    const auto header = request.header("authorization");
    return header.starts_with(k_bearer) && equal_in_constant_time(header.substr(k_bearer.size()), *token);
}

std::shared_ptr<const std::string> NodeReport::report()
{
    const std::lock_guard lock{m_mutex};
    if (!m_report.text || std::chrono::steady_clock::now() - m_report.read_at >= k_kept)
        m_report = {std::make_shared<const std::string>(to_json(node::read_registry_config(m_options)) + "\n"), std::chrono::steady_clock::now()};
    return m_report.text;
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

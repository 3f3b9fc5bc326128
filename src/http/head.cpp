// SPDX-License-Identifier: Apache-2.0
#include "http/head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/field.hpp"

namespace seaworthy::http {

namespace {

constexpr std::size_t k_target_bytes = 8 * 1024; ///< cpp-httplib's own limit, which is compiled into the library

constexpr std::array<std::string_view, 9> k_methods = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};

using Refused = tl::unexpected<Refusal>;

Refused malformed(int status = 400)
{
    return Refused{Refusal{Refusal::Reason::malformed, status}};
}

Refused too_large(int status)
{
    return Refused{Refusal{Refusal::Reason::too_large, status}};
}

bool is_control(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_token(std::string_view text)
{
    constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || k_marks.find(c) != std::string_view::npos;
    });
}

std::string_view take_until(std::string_view& rest, std::string_view separator)
{
    const auto part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), part.size() + separator.size()));
    return part;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            unsigned value = 0;
            const auto* digits = text.data() + i + 1;
            if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
            c = static_cast<char>(value);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        decoded.push_back(c);
    }
    return decoded;
}

bool parse_query(std::string_view text, std::vector<Field>& query)
{
    while (!text.empty()) {
        auto pair = take_until(text, "&");
        if (pair.empty()) continue;
        auto name = percent_decoded(take_until(pair, "="), true);
        auto value = percent_decoded(pair, true);
        if (!name || !value) return false;
        query.push_back({std::move(*name), std::move(*value)});
    }
    return true;
}

/// Takes the origin form and the absolute form (RFC 9112 §3.2); the latter's authority says nothing that we use.
bool parse_target(std::string_view target, Head& head)
{
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.substr(0, scheme.size()) != scheme) continue;
        target.remove_prefix(std::min(target.size(), target.find('/', scheme.size())));
        if (target.empty()) target = "/";
    }
    target = target.substr(0, target.find('#'));
    head.raw_path = std::string{take_until(target, "?")};
    auto path = percent_decoded(head.raw_path, false);
    if (!path || path->empty() || path->front() != '/' || std::any_of(path->begin(), path->end(), is_control)) return false;
    head.request.path = std::move(*path);
    return parse_query(target, head.request.query);
}

tl::expected<void, Refusal> parse_request_line(std::string_view line, Head& head)
{
    const auto method = take_until(line, " ");
    const auto target = take_until(line, " ");
    if (target.size() > k_target_bytes) return too_large(414);
    if (!is_token(method) || target.empty()) return malformed();
    if (line != "HTTP/1.1" && line != "HTTP/1.0") return malformed(line.substr(0, 5) == "HTTP/" ? 505 : 400);
    if (std::find(k_methods.begin(), k_methods.end(), method) == k_methods.end()) return malformed(501);
    head.keep_alive = line == "HTTP/1.1";
    head.request.method = std::string{method};
    if (!parse_target(target, head)) return malformed();
    return {};
}

tl::expected<void, Refusal> parse_headers(std::string_view lines, Head& head)
{
    while (!lines.empty()) {
        auto line = take_until(lines, "\r\n");
        const bool has_colon = line.find(':') != std::string_view::npos;
        const auto name = take_until(line, ":");
        // A folded line begins with a space, which no token holds.
        if (!has_colon || !is_token(name)) return malformed();
        const auto value = trimmed(line);
        if (std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; })) return malformed();
        head.request.headers.push_back({std::string{name}, std::string{value}});
    }
    return {};
}

bool has_token(std::string_view list, std::string_view token)
{
    while (!list.empty()) {
        if (equal_ignoring_case(trimmed(take_until(list, ",")), token)) return true;
    }
    return false;
}

/// The rules about what a header means for the framing; everything else is the handler's business.
tl::expected<void, Refusal> apply_framing(Head& head, const Limits& limits)
{
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t credentials = 0;
    const bool needs_host = head.keep_alive; // so far it says HTTP/1.1
    for (const auto& [name, value] : head.request.headers) {
        if (equal_ignoring_case(name, "Host")) ++hosts;
        if (equal_ignoring_case(name, "Authorization")) ++credentials;
        if (equal_ignoring_case(name, "Transfer-Encoding")) return malformed(411);
        if (equal_ignoring_case(name, "Content-Encoding")) return malformed(415);
        if (equal_ignoring_case(name, "Expect")) return malformed(417);
        if (equal_ignoring_case(name, "Connection") && has_token(value, "close")) head.keep_alive = false;
        if (!equal_ignoring_case(name, "Content-Length")) continue;
        ++lengths;
        const auto* end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, head.body_bytes);
        if (parsed.ec == std::errc::result_out_of_range) return too_large(413);
        if (parsed.ec != std::errc{} || parsed.ptr != end) return malformed();
        if (head.body_bytes > limits.body_bytes) return too_large(413);
    }
    if (hosts > 1 || lengths > 1 || credentials > 1) return malformed();
    if (hosts == 0 && needs_host) return malformed();
    return {};
}

} // namespace

std::optional<std::size_t> HeadScanner::scan(std::string_view input, const Limits& limits)
{
    for (; !m_refusal && m_scanned < input.size(); ++m_scanned) {
        const char c = input[m_scanned];
        if (m_scanned >= limits.head_bytes) {
            m_refusal = Refusal{Refusal::Reason::too_large, 431};
        } else if (c == '\n') {
            if (m_scanned == 0 || input[m_scanned - 1] != '\r') m_refusal = Refusal{};
            if (m_scanned == m_line_start + 1 && m_lines > 0) return ++m_scanned;
            m_line_start = m_scanned + 1;
            if (++m_lines > limits.head_lines) m_refusal = Refusal{Refusal::Reason::too_large, 431};
        } else if ((is_control(c) && c != '\r' && c != '\t') || (m_scanned > 0 && input[m_scanned - 1] == '\r')) {
            m_refusal = Refusal{};
        }
    }
    return std::nullopt;
}

tl::expected<Head, Refusal> parse_head(std::string_view text, const Limits& limits)
{
    Head head;
    text.remove_suffix(std::min<std::size_t>(text.size(), 2)); // the blank line
    if (auto parsed = parse_request_line(take_until(text, "\r\n"), head); !parsed) return Refused{parsed.error()};
    if (auto parsed = parse_headers(text, head); !parsed) return Refused{parsed.error()};
    if (auto applied = apply_framing(head, limits); !applied) return Refused{applied.error()};
    return head;
}

} // namespace seaworthy::http

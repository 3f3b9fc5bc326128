// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/http/server.hpp"

namespace seaworthy::http {

/// Why a request was turned away before any handler saw it.
struct Refusal {
    enum class Reason { malformed, too_large };
    Reason reason = Reason::malformed;
    int status = 400;
};

/// A head that passed every rule, and what follows from it.
struct Head {
    Request request;
    std::string raw_path;       ///< as sent, for the request line that cpp-httplib sees
    std::size_t body_bytes = 0; ///< how many bytes after the head belong to this request
    bool keep_alive = true;
};

/// Watches a head arrive byte by byte, so that what can only become a refusal is refused at once.
class HeadScanner {
public:
    /// The size of the head with its blank line, once `input` holds it whole; looks at each byte once over all calls.
    [[nodiscard]] std::optional<std::size_t> scan(std::string_view input, const Limits& limits);
    [[nodiscard]] const std::optional<Refusal>& refusal() const { return m_refusal; }

private:
    std::size_t m_scanned = 0;
    std::size_t m_lines = 0;
    std::size_t m_line_start = 0;
    std::optional<Refusal> m_refusal;
};

/// Parses a whole head (RFC 9112), stricter than the RFC where leniency lets two parsers disagree: no bare LF or CR, no folded
/// lines, no Transfer-Encoding, one Host. Percent-encodings are decoded once, in path and query alone.
[[nodiscard]] tl::expected<Head, Refusal> parse_head(std::string_view head, const Limits& limits);

} // namespace seaworthy::http

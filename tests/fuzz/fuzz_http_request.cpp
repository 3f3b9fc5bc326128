// SPDX-License-Identifier: Apache-2.0
// The head of a request and the query of a findings request. Byte by byte or at once, the same is made of it, and no control character gets in.
#include <algorithm>

#include "fuzz/fuzz_target.hpp"
#include "http/head.hpp"
#include "publish/http/finding_query.hpp"
#include "seaworthy/report/report.hpp"

using namespace seaworthy;

namespace {

bool has_line_break(std::string_view text)
{
    return text.find_first_of("\r\n") != std::string_view::npos;
}

} // namespace

SEAWORTHY_FUZZ_TARGET(http_request, input)
{
    http::Limits limits;
    limits.body_bytes = 1024;

    http::HeadScanner at_once;
    const auto whole = at_once.scan(input, limits);
    http::HeadScanner by_byte;
    std::optional<std::size_t> grown;
    for (std::size_t size = 1; size <= std::min(input.size(), limits.head_bytes + 1) && !grown && !by_byte.refusal(); ++size)
        grown = by_byte.scan(input.substr(0, size), limits);
    if (input.size() <= limits.head_bytes) fuzz::require(grown == whole);
    if (!whole) return;

    const auto head = http::parse_head(input.substr(0, *whole), limits);
    if (!head) return;
    fuzz::require(head->body_bytes <= limits.body_bytes && head->request.path.starts_with('/') && !has_line_break(head->request.path));
    for (const auto& header : head->request.headers)
        fuzz::require(!has_line_break(header.name) && !has_line_break(header.value));
    const report::Report report;
    if (const auto query = publish::parse_finding_query(head->request, report, {})) fuzz::require(query->limit <= publish::k_most_findings);
}

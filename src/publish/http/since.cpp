// SPDX-License-Identifier: Apache-2.0
#include "publish/http/since.hpp"

#include <algorithm>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

Result<Since> parse_since(const http::Request& request, Timestamp now)
{
    constexpr std::string_view k_name = "since";
    constexpr std::string_view k_allowed = "since is a length such as 24h or 7d, a day such as 2026-11-24, or an RFC 3339 time that has passed, not ";
    constexpr std::chrono::hours k_least{1};
    constexpr std::chrono::hours k_most{24 * 3650};
    if (std::ranges::count(request.query, k_name, &http::Field::name) > 1)
        return tl::make_unexpected(Error{Error::Kind::usage, "since is given more than once"});
    if (!request.has_parameter(k_name)) return Since{k_since_yesterday};
    const auto text = request.parameter(k_name);
    if (const auto length = parse_duration(text)) {
        if (*length >= k_least && *length <= k_most) return Since{std::chrono::duration_cast<seconds>(*length)};
        return tl::make_unexpected(Error{Error::Kind::usage, "since is from 1h to 3650d"});
    }
    constexpr std::size_t k_day_length = 10; // 2026-11-24
    const auto moment = parse_rfc3339(text.size() == k_day_length ? std::string{text} + "T00:00:00Z" : std::string{text});
    if (moment.known() && moment <= now) return Since{moment};
    return tl::make_unexpected(Error{Error::Kind::usage, std::string{k_allowed} + (text.empty() ? "nothing" : printable(text.substr(0, 64)))});
}

} // namespace seaworthy::publish

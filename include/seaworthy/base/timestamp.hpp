// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace seaworthy {

using std::chrono::seconds;

/// A moment in whole seconds since 1970 UTC, or none. Kubernetes' Time and MicroTime without the fraction.
class Timestamp {
public:
    constexpr Timestamp() = default;
    constexpr explicit Timestamp(std::int64_t unix_seconds) : m_seconds(unix_seconds) {}

    [[nodiscard]] constexpr bool known() const { return m_seconds != k_none; }
    [[nodiscard]] constexpr std::int64_t unix_seconds() const { return m_seconds; }
    friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

    /// How long before `now` this was. None has no age.
    [[nodiscard]] constexpr std::optional<seconds> age(Timestamp now) const
    {
        if (!known() || !now.known()) return std::nullopt;
        return seconds{now.m_seconds - m_seconds};
    }
    /// True if at least `limit` old; a timestamp that is not there counts as old enough (C10).
    [[nodiscard]] constexpr bool at_least(seconds limit, Timestamp now) const
    {
        const auto since = age(now);
        return !since || *since >= limit;
    }

private:
    static constexpr std::int64_t k_none = std::numeric_limits<std::int64_t>::min();
    std::int64_t m_seconds = k_none;
};

/// RFC 3339 with any fraction and offset; none for anything else.
[[nodiscard]] Timestamp parse_rfc3339(std::string_view text);
/// `2026-11-22T04:00:00Z`; empty for none.
[[nodiscard]] std::string format_rfc3339(Timestamp time);
/// Go's duration syntax as Kubernetes uses it (`90s`, `1h30m`, `250ms`) and days (`14d`). Nothing for anything else, negatives included.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// A length of time for people: `3m`, `5h`, `12d`.
[[nodiscard]] std::string format_age(seconds age);

} // namespace seaworthy

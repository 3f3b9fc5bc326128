// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "seaworthy/base/timestamp.hpp"

using namespace seaworthy;
using namespace std::chrono_literals;

TEST_CASE("RFC 3339 times with fractions and offsets name the same second", "[timestamp]")
{
    const auto expected = parse_rfc3339("2026-11-22T04:00:00Z");
    REQUIRE(expected.known());
    CHECK(expected.unix_seconds() == 1795320000);
    CHECK(parse_rfc3339("2026-11-22T04:00:00.123456Z") == expected);
    CHECK(parse_rfc3339("2026-11-22T06:30:00+02:30") == expected);
    CHECK(format_rfc3339(expected) == "2026-11-22T04:00:00Z");
}

TEST_CASE("what is not RFC 3339 is no time", "[timestamp]")
{
    for (const auto* text :
         {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T04:00:00", "2026-11-22T04:00:00Zx", "today"})
        CHECK_FALSE(parse_rfc3339(text).known());
    CHECK(format_rfc3339({}).empty());
}

TEST_CASE("a timestamp that is not there counts as old enough", "[timestamp]")
{
    const Timestamp now{1000};
    CHECK(Timestamp{}.at_least(10min, now));
    CHECK_FALSE(Timestamp{999}.at_least(10min, now));
    CHECK(Timestamp{400}.at_least(10min, now));
    CHECK_FALSE(Timestamp{}.age(now).has_value());
}

TEST_CASE("durations are Go's with days and weeks", "[timestamp]")
{
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("1h30m") == 90min);
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("14d") == 14 * 24h);
    CHECK(parse_duration("1.5h") == 90min);
    CHECK(parse_duration("0") == 0ms);
    for (const auto* text : {"", "5", "-5s", "5x", "s", "1h-5m", "99999999999999d"})
        CHECK_FALSE(parse_duration(text).has_value());
}

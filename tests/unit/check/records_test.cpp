// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "check/records.hpp"

using seaworthy::check::parse_records;
using seaworthy::check::Record;

TEST_CASE("a records default is a list of maps, or one map", "[settings]")
{
    CHECK(parse_records("[]").value().empty());
    CHECK(parse_records("{a: x}").value() == std::vector{Record{{"a", {"x"}}}});
    CHECK(parse_records("{app/name: [app, name], app/instance: [release]}").value() ==
          std::vector{Record{{"app/name", {"app", "name"}}, {"app/instance", {"release"}}}});
    CHECK(parse_records("[{a: x, b: \"y z\"}, {a: []}]").value() == std::vector{Record{{"a", {"x"}}, {"b", {"y z"}}}, Record{{"a", {}}}});
}

TEST_CASE("a records default that is none is refused", "[settings]")
{
    for (const auto* text : {"", "a", "[", "[{}]", "{a}", "{a: x", "[{a: x}", "{a: [x}", "{a: x} b", "[{a: x},]"}) {
        INFO(text);
        CHECK_FALSE(parse_records(text).has_value());
    }
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "seaworthy/base/suggestion.hpp"

using namespace seaworthy;

TEST_CASE("a mistyped word finds the nearest candidate", "[base]")
{
    constexpr std::string_view words[] = {"interval", "timeout", "jitter", "enabled", "minAge"};

    CHECK(nearest("intervall", words) == "interval");
    CHECK(nearest("itnerval", words) == "interval");
    CHECK(nearest("MinAge", words) == "minAge");
    CHECK(nearest("enable", words) == "enabled");
    CHECK(nearest("colour", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest(std::string(10'000, 'x'), words).empty());
    CHECK(did_you_mean("timeuot", words) == "; did you mean \"timeout\"?");
    CHECK(did_you_mean("zzz", words).empty());
}

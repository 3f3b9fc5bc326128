// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <chrono>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/base/quantity.hpp"

using namespace seaworthy;

TEST_CASE("a glob matches the whole text, and only * is special", "[pattern]")
{
    CHECK(glob_match("team-*", "team-a"));
    CHECK(glob_match("*", ""));
    CHECK(glob_match("a*c*e", "abcde"));
    CHECK(glob_match("a**b", "ab"));
    CHECK_FALSE(glob_match("team-*", "my-team-a"));
    CHECK_FALSE(glob_match("a?c", "abc"));
    CHECK_FALSE(glob_match("", "a"));
    CHECK_FALSE(glob_match("a*b", "abc"));
}

TEST_CASE("a hostile text costs a glob no exponential time", "[pattern]")
{
    const std::string text(20000, 'a');
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", text));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{5});
}

TEST_CASE("a pattern that RE2 refuses is named with the reason", "[pattern]")
{
    const auto bad = Pattern::compile("(?=look)ahead");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().kind == Error::Kind::usage);
    CHECK(bad.error().message.find("(?=look)ahead") != std::string::npos);
    const auto good = Pattern::compile("(_FILE|_PATH)$");
    REQUIRE(good);
    CHECK(good->search("DB_PASSWORD_FILE"));
    CHECK_FALSE(good->search("DB_FILE_PASSWORD"));
}

TEST_CASE("quantities are read as the API server reads them", "[quantity]")
{
    CHECK(parse_quantity("500m") == 0.5);
    CHECK(parse_quantity("1Gi") == 1073741824.0);
    CHECK(parse_quantity("2e3") == 2000.0);
    CHECK(parse_quantity("1E") == 1e18);
    CHECK(parse_quantity("+3") == 3.0);
    CHECK(parse_quantity("0.5") == 0.5);
    for (const auto* text : {"", "Gi", "1gi", "1 Gi", "1e999", "abc", "1e"})
        CHECK_FALSE(parse_quantity(text).has_value());
}

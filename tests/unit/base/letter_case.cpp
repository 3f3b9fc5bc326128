// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "seaworthy/base/letter_case.hpp"

using namespace seaworthy;

TEST_CASE("letters of ASCII alone have a case")
{
    CHECK(to_lower("Docker.IO/Ä_[@") == "docker.io/Ä_[@");
    CHECK(equal_ignoring_case("Content-Length", "content-length"));
    CHECK_FALSE(equal_ignoring_case("[", "{")); // 32 apart, as letters are
    CHECK_FALSE(equal_ignoring_case("ab", "abc"));
}

TEST_CASE("a part is found whatever the case of either")
{
    CHECK(find_ignoring_case("x-Client_SECRET", "client_secret") == 2);
    CHECK(find_ignoring_case("x-client_secret", "CLIENT") == 2);
    CHECK(find_ignoring_case("client", "clients") == std::string_view::npos);
    CHECK(find_ignoring_case("", "a") == std::string_view::npos);
    CHECK(find_ignoring_case("", "") == 0);
    CHECK(contains_ignoring_case("a", ""));
    CHECK(starts_with_ignoring_case("BEARER realm", "Bearer "));
    CHECK_FALSE(starts_with_ignoring_case("Be", "Bearer"));
}

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/percent_encode.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy;

TEST_CASE("everything but unreserved characters is percent-encoded", "[url]")
{
    CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encode("a/b c=d&\xC3\xA9") == "a%2Fb%20c%3Dd%26%C3%A9");
}

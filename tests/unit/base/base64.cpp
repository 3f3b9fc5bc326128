// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/base64.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy;

TEST_CASE("base64 is decoded strictly", "[certificate]")
{
    CHECK(decode_base64("") == "");
    CHECK(decode_base64("Zm9vYmE=") == "fooba");
    CHECK(decode_base64("Zm9vYg==") == "foob");
    CHECK(decode_base64("Zm9v") == "foo");
    for (const auto* text : {"Zm9", "Zm9v\n", "Zm=v", "Z===", "Zm9*", "===="})
        CHECK_FALSE(decode_base64(text));
}

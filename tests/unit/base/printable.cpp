// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/printable.hpp"

#include <catch2/catch.hpp>

using seaworthy::printable;

TEST_CASE("printable text passes unchanged", "[printable]")
{
    CHECK(printable("pods \"web\" forbidden: Ünïcode – 日本 🚢") == "pods \"web\" forbidden: Ünïcode – 日本 🚢");
    CHECK(printable("").empty());
}

TEST_CASE("what could drive a terminal or break a line is replaced", "[printable]")
{
    CHECK(printable("a\x1b[31mb") == "a\xEF\xBF\xBD[31mb");
    CHECK(printable("two\r\nlines\tand tab") == "two  lines and tab");
    CHECK(printable("\x7f") == "\xEF\xBF\xBD");
    CHECK(printable("\xC2\x9B"
                    "31m") == "\xEF\xBF\xBD"
                              "31m"); // C1 control: CSI
    CHECK(printable("\xE2\x80\xAE"
                    "gpj") == "\xEF\xBF\xBD"
                              "gpj");                   // right-to-left override
    CHECK(printable("\xE2\x80\xA8") == "\xEF\xBF\xBD"); // line separator
    CHECK(printable(std::string_view{"a\0b", 3}) == "a\xEF\xBF\xBD"
                                                    "b");
}

TEST_CASE("broken UTF-8 becomes replacement characters, one for each byte", "[printable]")
{
    CHECK(printable("\xC0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");         // overlong
    CHECK(printable("\xED\xA0\x80").find('\xED') == std::string::npos); // surrogate
    CHECK(printable("\xF4\x90\x80\x80").find('\xF4') == std::string::npos);
    CHECK(printable("ok\xE2\x82") == "ok\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a long text is cut at a character", "[printable]")
{
    CHECK(printable("abcdef", 3) == "abc…");
    CHECK(printable("aéé", 2) == "a…");
    CHECK(printable("abc", 3) == "abc");
}

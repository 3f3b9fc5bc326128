// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/net/url.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy::net;

TEST_CASE("a URL is taken apart", "[url]")
{
    const auto url = parse_url("HTTPS://Api.Example/prefix?x=1");
    REQUIRE(url);
    CHECK(url->scheme == "https");
    CHECK(url->host == "api.example");
    CHECK(url->port == 443);
    CHECK(url->path == "/prefix");
    CHECK(url->origin() == "https://api.example");
    CHECK(parse_url("https://[::1]:6443")->origin() == "https://[::1]:6443");
    CHECK(parse_url("https://u:p@h")->has_credentials);
}

TEST_CASE("an error about a URL does not quote its credentials", "[url]")
{
    for (const char* text : {"no url", "https://user:hunter2@[bad", "https://", ""}) {
        const auto url = parse_url(text);
        REQUIRE_FALSE(url);
        CHECK(url.error().message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a NO_PROXY list is read as Go reads it", "[url]")
{
    struct Case {
        const char* list;
        const char* host;
        bool exempt;
    };
    const Case cases[] = {
        {"", "a.example", false},
        {"*", "a.example", true},
        {"example", "a.example", true},
        {"example", "example", true},
        {"example", "notexample", false},
        {".example", "example", false},
        {".example", "a.example", true},
        {"*.example", "a.b.example", true},
        {" other , A.Example ", "a.example", true},
        {"a.example:6443", "a.example", true},
        {"a.example:443", "a.example", false},
        {"10.0.0.0/8", "10.1.2.3", true},
        {"10.0.0.0/9", "10.200.2.3", false},
        {"10.0.0.0/99", "10.200.2.3", false},
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3:6443", "10.1.2.3", true},
        {"fd00::/8", "[fd00::1]", true},
        {"fd00::1", "[fd00::1]", true},
        {"fe80::/10", "[fd00::1]", false},
        {"2.3", "10.1.2.3", false},
        {",,", "a.example", false},
    };
    for (const Case& one : cases) {
        INFO(one.list << " " << one.host);
        CHECK(bypasses_proxy(one.list, one.host, 6443) == one.exempt);
    }
}

TEST_CASE("loopback is recognised", "[url]")
{
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]", "::1"})
        CHECK(is_loopback(host));
    for (const char* host : {"localhost.example", "128.0.0.1", "[::2]", "example"})
        CHECK_FALSE(is_loopback(host));
}

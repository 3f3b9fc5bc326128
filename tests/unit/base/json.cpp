// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/json.hpp"

#include <catch2/catch.hpp>

using seaworthy::Json;

TEST_CASE("every kind of JSON value is read, and what is missing is null")
{
    const auto json = Json::parse(R"({"a":{"b":[1,"two",true,null]},"n":-1.5,"f":false,"big":18446744073709551615})");
    REQUIRE(json);
    CHECK((*json)["a"]["b"].items().size() == 4);
    CHECK((*json)["a"]["b"].contains("two"));
    CHECK_FALSE((*json)["a"]["b"].contains("1"));
    CHECK((*json)["n"].number_or(0) == -1.5);
    CHECK((*json)["f"].is_false());
    CHECK((*json)["big"].number_or(0) > 1e19);
    CHECK_FALSE((*json)["x"]["y"]["z"].exists());
    CHECK((*json)["n"].text().empty());
}

TEST_CASE("what is no JSON, or too deep, is nothing")
{
    CHECK_FALSE(Json::parse(""));
    CHECK_FALSE(Json::parse("<html>"));
    CHECK_FALSE(Json::parse("{\"a\":1"));
    CHECK_FALSE(Json::parse("\"\xff\""));
    CHECK(Json::parse(std::string(20, '[') + std::string(20, ']')));
    CHECK_FALSE(Json::parse(std::string(100'000, '[') + std::string(100'000, ']')));
}

TEST_CASE("the last of two members of one name counts")
{
    CHECK((*Json::parse(R"({"a":1,"a":2})"))["a"].number_or(0) == 2);
}

TEST_CASE("YAML is read as kubectl reads it")
{
    const auto yaml = Json::parse_yaml("issuer: https://idp.example\nscopes: [openid]\nskip: yes\n");
    REQUIRE(yaml);
    CHECK((*yaml)["issuer"].text() == "https://idp.example");
    CHECK((*yaml)["scopes"].contains("openid"));
    CHECK((*yaml)["skip"].is_true());
    CHECK_FALSE(Json::parse_yaml("a: [1\n"));
}

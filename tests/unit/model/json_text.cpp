// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/json_text.hpp"

#include <catch2/catch.hpp>

#include <string>

using seaworthy::model::JsonText;
using seaworthy::model::Value;

TEST_CASE("a JSON text reads as a tree of values", "[json]")
{
    const auto json = JsonText::parse(R"( {"a": {"b": [1, -2.5e1, true, null, "x\u00e9\ud83d\ude00\n"]}, "empty": {}} )");

    REQUIRE(json);
    const auto items = json->at("a.b").items();
    REQUIRE(items.size() == 5);
    CHECK(items[0].number_or(0) == 1);
    CHECK(items[1].number_or(0) == -25);
    CHECK(items[2].is_true());
    CHECK(items[3].kind() == Value::Kind::null);
    CHECK(items[4].text() == "x\xC3\xA9\xF0\x9F\x98\x80\n");
    CHECK((*json)["empty"].kind() == Value::Kind::object);
    CHECK_FALSE((*json)["missing"].exists());
}

TEST_CASE("what is no JSON is refused", "[json]")
{
    for (const auto* text : {"", "{", "[1,]", "{\"a\" 1}", "{a: 1}", "01", "1.", "1e", "-", "tru", "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "1 2", "[1",
                             "\"", "nul", "'a'"}) {
        INFO(text);
        CHECK_FALSE(JsonText::parse(text));
    }
}

TEST_CASE("text that is no Unicode is refused", "[json]")
{
    for (const auto* text : {R"(["\ud800"])", R"(["\ud800\u0041"])", R"(["\udc00"])", "[\"\xFF\"]"}) {
        INFO(text);
        CHECK_FALSE(JsonText::parse(text));
    }
}

TEST_CASE("of two equal keys the first counts", "[json]")
{
    CHECK((*JsonText::parse(R"({"a":1,"a":2})"))["a"].number_or(0) == 1);
}

TEST_CASE("YAML is read as kubectl reads it", "[json]")
{
    const auto yaml = JsonText::parse_yaml("issuer: https://idp.example\nscopes: [openid]\nskip: yes\n");

    REQUIRE(yaml);
    CHECK((*yaml)["issuer"].text() == "https://idp.example");
    CHECK((*yaml)["scopes"].contains("openid"));
    CHECK((*yaml)["skip"].is_true());
    CHECK_FALSE(JsonText::parse_yaml("a: [1\n"));
}

TEST_CASE("depth and size of a JSON text are bounded", "[json]")
{
    CHECK(JsonText::parse(std::string(60, '[') + std::string(60, ']')));
    CHECK_FALSE(JsonText::parse(std::string(500'000, '[')));
    CHECK_FALSE(JsonText::parse("\"" + std::string(1024 * 1024, 'x') + "\""));
}

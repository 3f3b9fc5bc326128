// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include "seaworthy/base/text.hpp"

using namespace seaworthy;

TEST_CASE("equal strings are interned once and survive growth and moves", "[text]")
{
    TextPool pool;
    std::vector<Text> first;
    for (int i = 0; i < 5000; ++i)
        first.push_back(pool.intern("name-" + std::to_string(i)));
    const TextPool moved = std::move(pool);
    TextPool again;
    for (int i = 0; i < 5000; ++i) {
        const auto name = "name-" + std::to_string(i);
        CHECK(first[static_cast<std::size_t>(i)] == name);
    }
    const Text a = again.intern("x");
    CHECK(again.intern("x").view().data() == a.view().data());
    CHECK(again.store("x").view().data() != a.view().data());
    CHECK(again.store("x") == a);
    CHECK(moved.bytes() > 0);
}

TEST_CASE("an empty text needs no pool and equals the empty string", "[text]")
{
    TextPool pool;
    CHECK(pool.intern("").empty());
    CHECK(Text{} == "");
    CHECK(Text{}.view().empty());
}

TEST_CASE("a text over one MiB is cut", "[text]")
{
    TextPool pool;
    CHECK(pool.intern(std::string(3 << 20, 'x')).view().size() == 1U << 20U);
}

TEST_CASE("texts hold any byte", "[text]")
{
    TextPool pool;
    const std::string bytes{"a\0b\xff", 4};
    CHECK(pool.intern(bytes) == bytes);
}

TEST_CASE("giving up the look-up table gives back its memory and keeps the texts", "[text]")
{
    TextPool pool;
    std::vector<Text> texts;
    for (int i = 0; i < 5000; ++i)
        texts.push_back(pool.intern("name-" + std::to_string(i)));
    const auto before = pool.bytes();
    pool.freeze();
    CHECK(pool.bytes() + 5000 * sizeof(Text) < before);
    CHECK(texts.back() == "name-4999");
    CHECK(pool.intern("name-4999") == texts.back());
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include "seaworthy/model/label_query.hpp"

using namespace seaworthy;
using namespace seaworthy::model;

namespace {

bool matches(std::string_view selector)
{
    TextPool pool;
    Arena arena;
    const std::array labels{model::KeyValue{pool.intern("env"), pool.intern("prod")}, model::KeyValue{pool.intern("team"), pool.intern("a")}};
    const auto query = LabelQuery::parse(selector);
    REQUIRE(query);
    return query->matches(model::StringMap{Array<model::KeyValue>::copy(labels, arena)});
}

} // namespace

TEST_CASE("-l understands kubectl's selectors", "[app]")
{
    CHECK(matches("env=prod"));
    CHECK(matches("env==prod,team=a"));
    CHECK(matches("env!=dev"));
    CHECK(matches("missing!=x"));
    CHECK(matches("team"));
    CHECK(matches("!missing"));
    CHECK(matches("env in (dev, prod)"));
    CHECK(matches("env notin (dev),team"));
    CHECK_FALSE(matches("env=dev"));
    CHECK_FALSE(matches("env=prod,team=b"));
    CHECK_FALSE(matches("!team"));
    CHECK_FALSE(matches("env notin (prod)"));
}

TEST_CASE("what is no selector is refused", "[app]")
{
    for (const auto* text : {"", "=x", "a=b=c", "a in (b", "a in b", "a b", "!", "a=,,"}) {
        INFO(text);
        CHECK_FALSE(LabelQuery::parse(text));
    }
}

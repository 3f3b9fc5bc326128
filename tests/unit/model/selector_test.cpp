// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include "seaworthy/model/selector.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::model;

namespace {

struct Labels {
    Vault vault;
    StringMap of(std::vector<std::pair<std::string, std::string>> entries)
    {
        std::vector<KeyValue> made;
        for (const auto& [key, value] : entries)
            made.push_back({vault.texts.intern(key), vault.texts.intern(value)});
        return vault.map(made);
    }
};

} // namespace

TEST_CASE("an empty selector selects everything, an absent one nothing", "[selector]")
{
    Labels labels;
    const auto app = labels.of({{"app", "web"}});
    CHECK(LabelSelector{.present = true}.matches(app));
    CHECK(LabelSelector{.present = true}.matches({}));
    CHECK_FALSE(LabelSelector{}.matches(app));
}

TEST_CASE("NotIn and DoesNotExist hold for objects without the key, In and Exists do not", "[selector]")
{
    using Operator = SelectorRequirement::Operator;
    Labels labels;
    const auto bare = labels.of({{"app", "web"}});
    const auto front = labels.of({{"tier", "front"}});
    const std::array values{labels.vault.texts.intern("front")};
    const Text tier = labels.vault.texts.intern("tier");
    const auto matches = [&](Operator op, const StringMap& object) {
        const std::array<SelectorRequirement, 1> terms{SelectorRequirement{tier, op, labels.vault.keep(std::span<const Text>{values})}};
        return LabelSelector{.present = true, .match_labels = {}, .match_expressions = labels.vault.keep(std::span<const SelectorRequirement>{terms})}
            .matches(object);
    };
    CHECK(matches(Operator::in, front));
    CHECK_FALSE(matches(Operator::in, bare));
    CHECK(matches(Operator::not_in, bare));
    CHECK_FALSE(matches(Operator::not_in, front));
    CHECK(matches(Operator::exists, front));
    CHECK_FALSE(matches(Operator::exists, bare));
    CHECK(matches(Operator::does_not_exist, bare));
    CHECK_FALSE(matches(Operator::does_not_exist, front));
    CHECK_FALSE(matches(Operator::invalid, front));
}

TEST_CASE("a service's empty map selects nothing", "[selector]")
{
    Labels labels;
    const auto app = labels.of({{"app", "web"}, {"tier", "front"}});
    CHECK(map_selects(labels.of({{"app", "web"}}), app));
    CHECK_FALSE(map_selects(labels.of({{"app", "api"}}), app));
    CHECK_FALSE(map_selects({}, app));
}

TEST_CASE("equal maps are stored once and the last of equal keys wins", "[vault]")
{
    Labels labels;
    const auto a = labels.of({{"b", "2"}, {"a", "1"}});
    const auto b = labels.of({{"a", "0"}, {"a", "1"}, {"b", "2"}});
    CHECK(a == b);
    CHECK(a.get("a") == "1");
    CHECK(a.find("c") == nullptr);
    CHECK(a.begin()->key == "a");
}

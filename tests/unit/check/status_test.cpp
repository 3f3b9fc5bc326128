// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

#include "seaworthy/check/check.hpp"

using namespace seaworthy::check;
using seaworthy::Error;

TEST_CASE("the worst of several statuses is commutative, associative and idempotent", "[verdict]")
{
    constexpr std::array statuses{Status::not_applicable, Status::pass, Status::warn, Status::unknown, Status::fail};
    const auto join = [](Status a, Status b) {
        Verdict x;
        x.status = a;
        Verdict y;
        y.status = b;
        return worst(x, y).status;
    };
    for (const auto a : statuses) {
        CHECK(join(a, a) == a);
        for (const auto b : statuses) {
            CHECK(join(a, b) == join(b, a));
            CHECK(join(a, b) == std::max(a, b));
            for (const auto c : statuses)
                CHECK(join(join(a, b), c) == join(a, join(b, c)));
        }
    }
}

TEST_CASE("a verdict that nobody decided is unknown", "[verdict]")
{
    CHECK(Verdict{}.status == Status::unknown);
    CHECK(pass("x").basis == Verdict::Basis::lists);
    CHECK(not_applicable("x").basis == Verdict::Basis::lists);
    CHECK(fail("x").basis == Verdict::Basis::proof);
    CHECK(warn("x").by_absence().basis == Verdict::Basis::lists);
}

TEST_CASE("names of statuses and severities are the contract's", "[verdict]")
{
    CHECK(name(Status::not_applicable) == "not_applicable");
    CHECK(parse_status("fail") == Status::fail);
    CHECK(parse_status("na") == std::nullopt);
    CHECK(weight(Severity::critical) == 10);
    CHECK(weight(Severity::info) == 0);
    CHECK(parse_severity("medium") == Severity::medium);
}

TEST_CASE("needs are written out in place", "[check]")
{
    CHECK(expand_needs("pods, WL") == std::vector<std::string>{"pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps",
                                                               "jobs.batch", "cronjobs.batch"});
    CHECK(expand_needs("RB").size() == 4);
    CHECK(expand_needs("").empty());
}

TEST_CASE("parameters are typed, and a wrong default is told with its name", "[check]")
{
    using Type = Parameter::Type;
    CHECK(std::get<double>(*parse_parameter({"n", Type::number, "", ""}, "20")) == 20);
    CHECK(std::get<bool>(*parse_parameter({"f", Type::flag, "", ""}, "true")));
    CHECK(std::get<std::vector<std::string>>(*parse_parameter({"l", Type::list, "", ""}, "[a, \"b c\"]")) == std::vector<std::string>{"a", "b c"});
    CHECK(std::get<std::chrono::milliseconds>(*parse_parameter({"d", Type::duration, "", ""}, "20m")) == std::chrono::minutes{20});
    CHECK(std::holds_alternative<std::monostate>(*parse_parameter({"t", Type::text, "", ""}, "")));
    const auto bad = parse_parameter({"budget", Type::number, "", ""}, "many");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().message == "budget: 'many' is not a number");
}

TEST_CASE("reading a parameter that the check does not declare is a bug", "[check]")
{
    CHECK_THROWS_AS(Parameters{}.flag("missing"), std::logic_error);
}

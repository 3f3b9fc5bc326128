// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "engine/exemptions.hpp"

using namespace seaworthy;
using engine::parse_exemption_annotation;

TEST_CASE("an exemption annotation holds checks, an end, an owner and a reason", "[exemptions]")
{
    const auto exemption =
        parse_exemption_annotation("netpol-pod-egress, secret-literal-env; until=2027-01-31; owner=team-a; reason=moves in January");
    REQUIRE(exemption);
    CHECK(exemption->checks == std::vector<std::string>{"netpol-pod-egress", "secret-literal-env"});
    CHECK(exemption->owner == "team-a");
    CHECK(exemption->reason == "moves in January");
    CHECK(format_rfc3339(exemption->until) == "2027-01-31T23:59:59Z");
}

TEST_CASE("an exemption annotation that lacks a part exempts nothing", "[exemptions]")
{
    for (const auto* text : {"", "a", "a; until=2027-01-31; owner=x", "a; owner=x; reason=y", "; until=2027-01-31; owner=x; reason=y",
                             "a; until=soon; owner=x; reason=y", "a; until=2027-01-31; owner=x; reason=y; more=z", "a; until"})
        CHECK_FALSE(parse_exemption_annotation(text).has_value());
}

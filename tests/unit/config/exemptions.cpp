// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::config;
using namespace seaworthy::config::test;

namespace {

std::string with_item(const std::string& item)
{
    return "exemptions:\n  items:\n  - " + item + "\n";
}

const std::string k_rest = "reason: known, owner: team-a, until: 2027-01-31";

} // namespace

TEST_CASE("an exemption says what it covers, why, whose it is and until when", "[config]")
{
    const auto config = loaded(with_item(
        "{checks: [netpol-*], namespaces: [legacy], objects: {kind: Deployment, name: [a, b], selector: {matchLabels: {app: x}}}, " + k_rest + "}"));

    REQUIRE(config.settings.exemptions.size() == 1);
    const auto& exemption = config.settings.exemptions.front();
    CHECK(exemption.id == "exemptions[0]");
    CHECK(exemption.checks == std::vector<std::string>{"netpol-*"});
    CHECK(exemption.kind == "Deployment");
    CHECK(exemption.names == std::vector<std::string>{"a", "b"});
    CHECK(exemption.match_labels.at("app") == "x");
    CHECK(format_rfc3339(exemption.until) == "2027-01-31T23:59:59Z");
}

TEST_CASE("a bare list of exemptions is short for items, and one name may stand alone", "[config]")
{
    const auto config = loaded("exemptions: [{controls: [network-policies], objects: {name: web}, " + k_rest + "}]");

    CHECK(config.settings.exemptions.front().names == std::vector<std::string>{"web"});
}

TEST_CASE("an incomplete or pointless exemption is refused", "[config]")
{
    const auto [item, expected] = GENERATE(table<std::string, std::string>({
        {"{checks: [netpol-egress], owner: a, until: 2027-01-31}", "config.yaml:3:5: exemptions.items[0].reason: is required"},
        {"{checks: [netpol-egress], reason: a, until: 2027-01-31}", "config.yaml:3:5: exemptions.items[0].owner: is required"},
        {"{checks: [netpol-egress], reason: a, owner: b}", "config.yaml:3:5: exemptions.items[0].until: is required"},
        {"{checks: [netpol-egress], reason: \"\", owner: b, until: 2027-01-31}", "config.yaml:3:39: exemptions.items[0].reason: must not be empty"},
        {"{" + k_rest + "}", "config.yaml:3:5: exemptions.items[0]: needs checks or controls, so that it says what it exempts"},
        {"{checks: [netpol-egres], " + k_rest + "}",
         "config.yaml:3:15: exemptions.items[0].checks[0]: \"netpol-egres\" is no check; did you mean \"netpol-egress\"?"},
        {"{controls: [netpol-egress], " + k_rest + "}", "config.yaml:3:17: exemptions.items[0].controls[0]: \"netpol-egress\" is no control"},
        {"{checks: [\"rbac-*\"], " + k_rest + "}", "config.yaml:3:15: exemptions.items[0].checks[0]: \"rbac-*\" is no check"},
        {"{checks: [netpol-egress], reason: a, owner: b, until: soon}",
         "config.yaml:3:59: exemptions.items[0].until: expects a date such as 2027-01-31 (or RFC 3339), not \"soon\""},
        {"{checks: [netpol-egress], reason: a, owner: b, until: 2028-01-31}",
         "config.yaml:3:59: exemptions.items[0].until: is further ahead than exemptions.maxDuration (365d) allows"},
        {"{checks: [netpol-egress], objects: {nmae: x}, " + k_rest + "}",
         "config.yaml:3:41: exemptions.items[0].objects.nmae: unknown key; did you mean \"name\"?"},
    }));

    CHECK_THAT(problems(with_item(item)), Catch::StartsWith(expected));
}

TEST_CASE("the longest duration counts wherever it stands in the file", "[config]")
{
    const auto config = loaded(with_item("{checks: [netpol-egress], reason: a, owner: b, until: 2028-01-31}") + "  maxDuration: 600d\n");

    CHECK(config.settings.exemptions.size() == 1);
}

TEST_CASE("an expired exemption loads: the audit reports it", "[config]")
{
    CHECK(loaded(with_item("{checks: [netpol-egress], reason: a, owner: b, until: 2020-01-31}")).settings.exemptions.size() == 1);
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::config;
using namespace seaworthy::config::test;
using namespace std::chrono_literals;

TEST_CASE("a check's own keys set it alone", "[config]")
{
    const auto config =
        loaded("controls:\n  checks:\n    netpol-default-deny: {enabled: false, severity: critical, required: false, grace: 1h, names: ^x$}\n");

    const auto& check = config.settings.of("netpol-default-deny");
    CHECK_FALSE(check.enabled);
    CHECK(check.severity == check::Severity::critical);
    CHECK_FALSE(check.parameters.flag("required"));
    CHECK(check.parameters.duration("grace") == 1h);
    CHECK(check.parameters.pattern("names").search("x"));
    CHECK(check.parameters.text("tenancy") == "single");
}

TEST_CASE("a parameter with a dot in its name is written as a map, and each part keeps its default", "[config]")
{
    const auto config = loaded("controls: {checks: {image-size-over-budget: {budgetMiB: {compressed: 800}}}}");

    const auto& parameters = config.settings.of("image-size-over-budget").parameters;
    CHECK(parameters.number("budgetMiB.compressed") == 800);
    CHECK(parameters.number("budgetMiB.uncompressed") == 600);
}

TEST_CASE("a shared parameter reaches every check that declares it, and a check's own value wins wherever it stands", "[config]")
{
    const auto config = loaded("controls:\n  checks: {image-size-over-budget: {privateRegistries: [own.example]}}\n"
                               "  shared: {privateRegistries: [shared.example], tenancy: multi}\n");

    CHECK(config.settings.of("image-size-over-budget").parameters.list("privateRegistries") == std::vector<std::string>{"own.example"});
    CHECK(config.settings.of("netpol-default-deny").parameters.list("privateRegistries") == std::vector<std::string>{"shared.example"});
    CHECK(config.settings.of("netpol-default-deny").parameters.text("tenancy") == "multi");
}

TEST_CASE("null unsets a parameter", "[config]")
{
    const auto config = loaded("controls: {checks: {netpol-default-deny: {names: null}}}");

    CHECK_FALSE(config.settings.of("netpol-default-deny").parameters.is_set("names"));
}

TEST_CASE("records are lists of maps or one map", "[config]")
{
    const auto config = loaded("controls: {checks: {netpol-default-deny: {exceptions: [{subject: User/ann, verbs: [get, list]}]}}}");
    const auto one = loaded("controls: {checks: {netpol-default-deny: {exceptions: {subject: User/ann}}}}");

    const auto& records = config.settings.of("netpol-default-deny").parameters.records("exceptions");
    REQUIRE(records.size() == 1);
    CHECK(records[0].at("subject") == std::vector<std::string>{"User/ann"});
    CHECK(records[0].at("verbs") == std::vector<std::string>{"get", "list"});
    CHECK(one.settings.of("netpol-default-deny").parameters.records("exceptions").size() == 1);
}

TEST_CASE("weights are kept where they differ from the catalogue", "[config]")
{
    const auto config = loaded("controls: {weights: {network-policies: 0.5, minimal-base-images: 2}}");

    CHECK(config.settings.control_weights == std::map<std::string, double, std::less<>>{{"minimal-base-images", 2}});
}

TEST_CASE("naming the base severity changes nothing", "[config]")
{
    CHECK_FALSE(loaded("controls: {checks: {netpol-egress: {severity: low}}}").settings.of("netpol-egress").severity);
}

TEST_CASE("unknown names in controls get the right hint", "[config]")
{
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"controls: {checks: {netpol-egres: {}}}", "config.yaml:1:21: controls.checks.netpol-egres: unknown check; did you mean \"netpol-egress\"?"},
        {"controls: {checks: {network-policies: {}}}", "config.yaml:1:21: controls.checks.network-policies: is a control, not a check; see "
                                                       "`seaworthy controls explain network-policies` for its checks"},
        {"controls: {weights: {netpol-egress: 1}}", "config.yaml:1:22: controls.weights.netpol-egress: is a check, not a control"},
        {"controls: {weights: {network-policies: -1}}", "config.yaml:1:40: controls.weights.network-policies: must be between 0 and 100"},
        {"controls: {checks: {netpol-default-deny: {graze: 1h}}}",
         "config.yaml:1:43: controls.checks.netpol-default-deny.graze: unknown parameter; did you mean \"grace\"?"},
        {"controls: {checks: {netpol-default-deny: {enable: true}}}",
         "config.yaml:1:43: controls.checks.netpol-default-deny.enable: unknown parameter; did you mean \"enabled\"?"},
        {"controls: {checks: {image-size-over-budget: {budgetMiB: {compress: 1}}}}",
         "config.yaml:1:58: controls.checks.image-size-over-budget.budgetMiB.compress: unknown parameter; did you mean \"compressed\"?"},
        {"controls: {shared: {tenancies: x}}", "config.yaml:1:21: controls.shared.tenancies: unknown parameter; did you mean \"tenancy\"?"},
        {"controls: {checks: {netpol-egress: {severity: hihg}}}",
         "config.yaml:1:47: controls.checks.netpol-egress.severity: is none of critical, high, medium, low, info; did you mean \"high\"?"},
        {"controls: {checks: {netpol-default-deny: {names: \"(\"}}}", "config.yaml:1:50: controls.checks.netpol-default-deny.names: "},
    }));

    CHECK_THAT(problems(text), Catch::StartsWith(expected));
}

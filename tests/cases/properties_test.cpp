// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "cases/case_files.hpp"
#include "seaworthy/engine/engine.hpp"

using namespace seaworthy;

namespace {

void shuffle_lists(model::Inventory& inventory, std::uint32_t seed)
{
    std::mt19937 random{seed};
    const auto shuffle = [&](auto& list) { std::shuffle(list.begin(), list.end(), random); };
    shuffle(inventory.namespaces);
    shuffle(inventory.nodes);
    shuffle(inventory.pods);
    shuffle(inventory.workloads);
    shuffle(inventory.owned_controllers);
    shuffle(inventory.services);
    shuffle(inventory.endpoint_slices);
    shuffle(inventory.network_policies);
    shuffle(inventory.service_accounts);
    shuffle(inventory.roles);
    shuffle(inventory.role_bindings);
    shuffle(inventory.events);
    shuffle(inventory.secrets);
    for (auto& [resource, documents] : inventory.documents)
        shuffle(documents);
}

void check_in_range(const std::optional<double>& score)
{
    if (!score) return;
    CHECK(*score >= 0);
    CHECK(*score <= 100 + 1e-9);
}

void check_in_range(const report::Score& score)
{
    check_in_range(score.score);
    check_in_range(score.score_with_exemptions);
    check_in_range(score.coverage);
    CHECK(score.points <= score.points_possible + 1e-9);
}

check::Exemption exemption_of_everything()
{
    check::Exemption exemption;
    exemption.id = "exemptions[0]";
    exemption.checks = {"*"};
    exemption.reason = "a test";
    exemption.owner = "tests";
    exemption.until = parse_rfc3339("2099-01-01T00:00:00Z");
    return exemption;
}

} // namespace

TEST_CASE("the order of the lists does not matter", "[properties]")
{
    for (const auto& test : cases::all()) {
        const auto settings = cases::settings_of_control(test);
        const auto expected = cases::dump(*engine::evaluate(cases::read(test, settings), settings));
        for (const std::uint32_t seed : {1U, 2U}) {
            auto inventory = cases::read(test, settings);
            shuffle_lists(inventory, seed);
            INFO(test.check << "/" << test.name << " seed " << seed);
            CHECK(cases::dump(*engine::evaluate(inventory, settings)) == expected);
        }
    }
}

TEST_CASE("judging twice says the same, and every score lies between 0 and 100", "[properties]")
{
    for (const auto& test : cases::all()) {
        const auto settings = cases::settings_of_control(test);
        const auto inventory = cases::read(test, settings);
        const auto report = engine::evaluate(inventory, settings);
        INFO(test.check << "/" << test.name);
        CHECK(cases::dump(*engine::evaluate(inventory, settings)) == cases::dump(*report));
        check_in_range(report->score);
        for (const auto& control : report->controls)
            check_in_range(control.score);
        for (const auto& ns : report->namespaces) {
            check_in_range(ns.score);
            for (const auto& control : ns.controls)
                check_in_range(control.score);
        }
    }
}

TEST_CASE("exempting never lowers a score and never changes the score without exemptions", "[properties]")
{
    for (const auto& test : cases::all()) {
        auto settings = cases::settings_of_control(test);
        const auto inventory = cases::read(test, settings);
        const auto before = engine::evaluate(inventory, settings);
        settings.exemptions = {exemption_of_everything()};
        const auto after = engine::evaluate(inventory, settings);
        INFO(test.check << "/" << test.name);
        CHECK(after->score.score == before->score.score);
        if (after->score.score_with_exemptions) CHECK(*after->score.score_with_exemptions >= before->score.score_with_exemptions.value_or(0) - 1e-9);
        for (const auto& result : after->results)
            CHECK((result.exemption() != 0) == result.is_finding());
    }
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>

#include "cases/case_files.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;
using check::Status;

namespace {

std::vector<const report::Result*> results_of(const report::Report& report, std::string_view check)
{
    std::vector<const report::Result*> results;
    for (const auto& result : report.results)
        if (result.check().id == check) results.push_back(&result);
    return results;
}

void expect_one_subject(const std::vector<const report::Result*>& results, Status expected)
{
    std::vector<const report::Result*> applicable;
    std::copy_if(results.begin(), results.end(), std::back_inserter(applicable),
                 [](const auto* result) { return result->status() != Status::not_applicable; });
    if (expected == Status::not_applicable) {
        CHECK_FALSE(results.empty());
        for (const auto* result : applicable)
            FAIL_CHECK(cases::object_name(*result) << " is " << check::name(result->status()) << ": " << result->message().view());
        return;
    }
    CHECK(applicable.size() == 1);
    for (const auto* result : applicable) {
        INFO(cases::object_name(*result) << ": " << result->message().view());
        CHECK(check::name(result->status()) == check::name(expected));
    }
}

void expect_object(const std::vector<const report::Result*>& results, const cases::Expectation& expected)
{
    const auto at = std::find_if(results.begin(), results.end(), [&](const auto* result) { return cases::object_name(*result) == expected.object; });
    INFO(expected.object << ": " << (at != results.end() ? (*at)->message().str() : "no result"));
    CHECK((at != results.end() ? std::string{check::name((*at)->status())} : "absent") == expected.status);
}

} // namespace

TEST_CASE("every case file gets the verdicts it promises", "[cases]")
{
    REQUIRE_FALSE(cases::all().empty());
    for (const auto& test : cases::all()) {
        // Not a section: Catch goes through all of them again for each one.
        INFO(test.check << "/" << test.name);
        REQUIRE(controls::find_check(test.check) != nullptr);
        const auto report = cases::judge(test);
        const auto results = results_of(*report, test.check);
        for (const auto& expected : test.expectations) {
            if (expected.object.empty())
                expect_one_subject(results, *check::parse_status(expected.status));
            else
                expect_object(results, expected);
        }
        for (const auto* result : results) {
            const bool explains = result->status() != Status::unknown || result->reason() != model::Reason::none;
            CHECK(explains);
            CHECK_FALSE(result->message().empty());
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// What makes Seaworthy honest: seeing less never looks better.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include <fmt/format.h>

#include "cases/case_files.hpp"
#include "cases/hiding.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/model/resource.hpp"

using namespace seaworthy;
using check::Status;

namespace {

using Verdicts = std::map<std::string, Status>;

Verdicts verdicts(const report::Report& report)
{
    Verdicts map;
    for (const auto& result : report.results) {
        auto& status = map[fmt::format("{} {}", result.check().id, cases::object_name(result))];
        status = std::max(status, result.status());
    }
    return map;
}

bool is_list(const std::string& need)
{
    return need.find(':') == std::string::npos && need != "node-probe" && !need.starts_with("selfsubject");
}

void check_no_score_rose(const report::Report& before, const report::Report& after)
{
    const auto rose = [](const std::optional<double>& old_score, const std::optional<double>& new_score) {
        return old_score && new_score && *new_score > *old_score + 1e-9;
    };
    // Only what is wrong is an assertion: there are hundreds of thousands of comparisons.
    if (rose(before.score.score, after.score.score)) FAIL_CHECK("the cluster's score rose");
    for (std::size_t i = 0; i < before.controls.size(); ++i) {
        if (rose(before.controls[i].score.score, after.controls[i].score.score)) FAIL_CHECK(controls::catalog()[i]->id << " rose in the cluster");
    }
    for (const auto& ns : before.namespaces) {
        const auto* now = after.find_namespace(ns.name);
        if (now == nullptr) continue;
        INFO("namespace " << ns.name.view());
        CHECK_FALSE(rose(ns.score.score, now->score.score));
        for (std::size_t i = 0; i < ns.controls.size(); ++i)
            CHECK_FALSE(rose(ns.controls[i].score.score, now->controls[i].score.score));
    }
}

void check_nothing_became_pass(const report::Report& before, const report::Report& after)
{
    const auto old_verdicts = verdicts(before);
    for (const auto& [subject, status] : verdicts(after)) {
        if (status != Status::pass) continue;
        const auto at = old_verdicts.find(subject);
        // A new name for pods whose controller is hidden may show what its templates prove; what had a verdict must not improve.
        if (at == old_verdicts.end()) continue;
        if (at->second != Status::pass) FAIL_CHECK(subject << " was " << check::name(at->second) << " and passes now");
    }
}

} // namespace

TEST_CASE("hiding a list that a check needs raises no score and passes nothing", "[gaps]")
{
    int compared = 0;
    for (const auto& test : cases::all()) {
        const auto* check = controls::find_check(test.check);
        REQUIRE(check != nullptr);
        const auto settings = cases::settings_of(test);
        auto inventory = cases::read(test, settings);
        const auto before = engine::evaluate(inventory, settings);
        for (const auto& need : check::expand_needs(check->needs)) {
            if (!is_list(need)) continue;
            const cases::Hidden hidden{inventory, need};
            const auto after = engine::evaluate(inventory, settings);
            INFO(test.check << "/" << test.name << " without " << need);
            check_no_score_rose(*before, *after);
            check_nothing_became_pass(*before, *after);
            ++compared;
        }
    }
    CHECK(compared > 0);
}

TEST_CASE("hiding one namespace of a list raises no score and passes nothing", "[gaps]")
{
    int compared = 0;
    for (const auto& test : cases::all()) {
        const auto* check = controls::find_check(test.check);
        const auto settings = cases::settings_of_control(test);
        auto inventory = cases::read(test, settings);
        const auto before = engine::evaluate(inventory, settings);
        for (const auto& need : check::expand_needs(check->needs)) {
            const auto* builtin = model::find_builtin_resource(need);
            if (builtin == nullptr || !builtin->namespaced || before->namespaces.empty()) continue;
            const auto ns = before->namespaces.back().name.str();
            const cases::Hidden hidden{inventory, need, ns};
            const auto after = engine::evaluate(inventory, settings);
            INFO(test.check << "/" << test.name << " without " << need << " in " << ns);
            check_no_score_rose(*before, *after);
            check_nothing_became_pass(*before, *after);
            ++compared;
        }
    }
    CHECK(compared > 0);
}

TEST_CASE("each check turns unknown when what it needs is forbidden, and names the grant", "[gaps]")
{
    std::map<std::string, std::set<std::string>> turned; // check → needs that made it unknown
    for (const auto& test : cases::all()) {
        const auto* check = controls::find_check(test.check);
        const auto settings = cases::settings_of_control(test);
        auto inventory = cases::read(test, settings);
        for (const auto& need : check::expand_needs(check->needs)) {
            if (!is_list(need) || turned[test.check].contains(need)) continue;
            const cases::Hidden hidden{inventory, need};
            const auto report = engine::evaluate(inventory, settings);
            for (const auto& result : report->results) {
                if (&result.check() != check || result.status() != Status::unknown || result.reason() != model::Reason::forbidden) continue;
                INFO(test.check << "/" << test.name << " without " << need);
                CHECK((result.grant() == model::grant_of(need) || need == "replicationcontrollers"));
                turned[test.check].insert(need);
            }
        }
    }
    for (const auto* control : controls::catalog()) {
        for (const auto& check : control->checks) {
            const auto needs = check::expand_needs(check.needs);
            if (std::none_of(needs.begin(), needs.end(), is_list)) continue;
            INFO(check.id);
            CHECK_FALSE(turned[std::string{check.id}].empty());
        }
    }
}

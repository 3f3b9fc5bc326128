// SPDX-License-Identifier: Apache-2.0
// What holds for every row of the catalogue, whoever writes it.
#include <cctype>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/model/resource.hpp"

using namespace seaworthy;

namespace {

bool is_kebab_case(std::string_view id)
{
    bool after_dash = true;
    for (const char c : id) {
        if (c == '-' && after_dash) return false;
        if (c != '-' && !(std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)))) return false;
        after_dash = c == '-';
    }
    return !after_dash;
}

int judges_of(const check::Check& check)
{
    return (check.judge_workload != nullptr) + (check.judge_metadata != nullptr) + (check.judge_namespace != nullptr) +
           (check.judge_service != nullptr) + (check.judge_node != nullptr) + (check.judge_role_binding != nullptr) +
           (check.judge_service_account != nullptr) + (check.judge_network_policy != nullptr) + (check.judge_document != nullptr) +
           (check.judge_secret != nullptr) + (check.judge_cluster != nullptr) + (check.run != nullptr);
}

/// A need that is no list: named ConfigMaps, probes, the API server's own paths.
bool is_other_evidence(std::string_view need)
{
    return need.starts_with("configmap:") || need.starts_with("probe:") || need.starts_with("apiserver:/") || need == "node-probe" ||
           need.starts_with("selfsubject");
}

bool is_known_need(std::string_view need)
{
    // A custom resource is known by the grant that covers its group.
    return is_other_evidence(need) || model::find_builtin_resource(need) != nullptr || !model::grant_of(need).empty();
}

template <typename Function>
void for_each_check(Function&& function)
{
    for (const auto* control : controls::catalog())
        for (const auto& check : control->checks) {
            INFO(control->id << " / " << check.id);
            function(*control, check);
        }
}

} // namespace

TEST_CASE("the catalogue holds nineteen controls in the order of their steps", "[catalog]")
{
    const auto catalog = controls::catalog();
    REQUIRE(catalog.size() == 19);

    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < catalog.size(); ++i) {
        INFO(catalog[i]->id);
        CHECK(catalog[i]->step == (i < 16 ? static_cast<int>(i) + 1 : 0));
        CHECK(is_kebab_case(catalog[i]->id));
        CHECK(ids.insert(catalog[i]->id).second);
        CHECK_FALSE(catalog[i]->title.empty());
        CHECK_FALSE(catalog[i]->summary.empty());
        CHECK(catalog[i]->weight > 0);
    }
}

TEST_CASE("no control has fewer than three checks", "[catalog]")
{
    for (const auto* control : controls::catalog()) {
        INFO(control->id);
        CHECK(control->checks.size() >= 3);
    }
}

TEST_CASE("check ids are kebab-case and unique over all controls", "[catalog]")
{
    std::set<std::string_view> ids;
    for_each_check([&](const check::Control&, const check::Check& check) {
        CHECK(is_kebab_case(check.id));
        CHECK(ids.insert(check.id).second);
        CHECK(controls::find_check(check.id) == &check);
    });
    CHECK(controls::find_check("no-such-check") == nullptr);
}

TEST_CASE("every check has one judge, and one more for documents where NetworkPolicies have siblings of other APIs", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        const bool judges_siblings = check.judge_network_policy != nullptr && check.judge_document != nullptr;
        CHECK(judges_of(check) == (judges_siblings ? 2 : 1));
    });
}

TEST_CASE("every check explains itself", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        CHECK_FALSE(check.title.empty());
        CHECK_FALSE(check.rationale.empty());
        CHECK_FALSE(check.rule.empty());
        CHECK_FALSE(check.remediation.empty());
    });
}

TEST_CASE("every check needs something, and only what the inventory can hold", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        const auto needs = check::expand_needs(check.needs);
        CHECK_FALSE(needs.empty());
        std::set<std::string> seen;
        for (const auto& need : needs) {
            INFO(need);
            CHECK(is_known_need(need));
            CHECK(seen.insert(need).second);
        }
    });
}

TEST_CASE("every grant of a check is a known code, and every list that it needs is covered by one of them", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        std::set<std::string_view> codes;
        for (auto code : check::split_list(check.grants)) {
            if (code.starts_with('+')) code.remove_prefix(1);
            INFO(code);
            CHECK_FALSE(model::describe_grant(code).empty());
            CHECK(codes.insert(code).second);
        }
        for (const auto& need : check::expand_needs(check.needs)) {
            if (is_other_evidence(need)) continue;
            INFO(need);
            // Two codes list Argo CD's Applications (AR, CD) and Trivy's reports (TR, VS): with either the check has what it needs.
            const bool other = (need == "applications.argoproj.io" && codes.contains("AR")) ||
                               (need == "vulnerabilityreports.aquasecurity.github.io" && codes.contains("VS"));
            CHECK((codes.contains(model::grant_of(need)) || other));
        }
    });
}

TEST_CASE("a check declares fields and subjects only of resources that it needs", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        const auto needs = check::expand_needs(check.needs);
        const std::set<std::string, std::less<>> needed(needs.begin(), needs.end());
        for (const auto& field : check.fields) {
            INFO(field.resource);
            CHECK(needed.contains(field.resource));
            CHECK_FALSE(check::split_list(field.paths).empty());
        }
        for (const auto& subject : check::expand_needs(check.subjects)) {
            INFO(subject);
            CHECK(needed.contains(subject));
        }
    });
}

TEST_CASE("every parameter is described and its default is of its type", "[catalog]")
{
    for_each_check([](const check::Control&, const check::Check& check) {
        std::set<std::string_view> seen{"enabled", "severity"}; // keys that every check has
        for (const auto& parameter : check.parameters) {
            INFO(parameter.name);
            CHECK(seen.insert(parameter.name).second);
            CHECK_FALSE(parameter.description.empty());
            if (!parameter.fallback.empty()) CHECK(check::parse_parameter(parameter, parameter.fallback).has_value());
        }
    });
}

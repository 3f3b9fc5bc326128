// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "cases/case_files.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;

TEST_CASE("each check has cases that pass and that fail or warn", "[cases]")
{
    std::map<std::string, std::map<std::string, int>> counts;
    for (const auto& test : cases::all())
        for (const auto& expected : test.expectations)
            ++counts[test.check][expected.status];

    fmt::print("{:<42} {:>5} {:>5} {:>5} {:>8} {:>5}\n", "check", "pass", "warn", "fail", "unknown", "n/a");
    for (const auto* control : controls::catalog()) {
        for (const auto& check : control->checks) {
            auto& row = counts[std::string{check.id}];
            // One more unknown a check with a needed list is generated (gaps_test.cpp).
            fmt::print("{:<42} {:>5} {:>5} {:>5} {:>8} {:>5}\n", check.id, row["pass"], row["warn"], row["fail"], row["unknown"] + 1,
                       row["not_applicable"]);
            INFO(check.id);
            // A rule that proves only badness has no pass: what it says nothing about is not_applicable.
            const bool passes = check.rule.find("pass") != std::string_view::npos;
            CHECK(row[passes ? "pass" : "not_applicable"] > 0);
            CHECK(row["warn"] + row["fail"] > 0);
        }
    }
    std::fflush(stdout);
}

// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <vector>

#include "seaworthy/report/evidence.hpp"
#include "seaworthy/report/result_writer.hpp"

using namespace seaworthy;

namespace {

check::Evidence every_kind()
{
    return {{"text", std::string{"a value"}},
            {"empty", std::string{}},
            {"hostile", std::string{"\0\x1e\x1f\xff\x80", 5}},
            {"long", std::string(70'000, 'x')},
            {"count", std::int64_t{-3}},
            {"most", std::numeric_limits<std::int64_t>::max()},
            {"share", 0.1},
            {"yes", true},
            {"no", false},
            {"names", std::vector<std::string>{"a", "", "b"}},
            {"none", std::vector<std::string>{}},
            {"text", std::string{"the same key again"}}};
}

constexpr check::Check k_check{.id = "a-check", .title = "A check"};
constexpr check::Check k_other{.id = "another-check", .title = "Another"};

check::Verdict fails(std::string message, check::Evidence evidence = {})
{
    auto verdict = check::fail(std::move(message));
    verdict.evidence = std::move(evidence);
    return verdict;
}

check::ObjectKey deployment(std::string name)
{
    return {"apps/v1", "Deployment", "shop", std::move(name), "uid"};
}

} // namespace

TEST_CASE("evidence comes back as it was", "[evidence]")
{
    CHECK(report::decode_evidence(report::encode(every_kind())) == every_kind());
    CHECK(report::encode({}).empty());
    CHECK(report::decode_evidence("").empty());
}

TEST_CASE("evidence that was cut gives the entries that are whole", "[evidence]")
{
    const auto whole = every_kind();
    const auto bytes = report::encode(whole);
    for (std::size_t size = 0; size < bytes.size(); size = size < 200 ? size + 1 : size + 997) {
        const auto read = report::decode_evidence(std::string_view{bytes}.substr(0, size));
        REQUIRE(read.size() < whole.size());
        CHECK(std::equal(read.begin(), read.end(), whole.begin()));
    }
}

TEST_CASE("any bytes are read as evidence without harm", "[evidence]")
{
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; second += 5) {
            const std::string bytes{static_cast<char>(first), static_cast<char>(second), '\4', '\xff', '\xff', '\xff', '\xff', '\x7f', 'x'};
            CHECK(report::decode_evidence(bytes).size() <= bytes.size());
        }
}

TEST_CASE("what equal results say and are about is stored once", "[evidence]")
{
    report::Report report;
    {
        report::ResultWriter writer{report};
        for (int round = 0; round < 2; ++round)
            for (const auto* check : {&k_check, &k_other}) {
                writer.add({*check}, deployment("web"), "shop", fails("it is open", {{"port", std::int64_t{80}}}));
                writer.add({*check}, deployment("api"), "shop", fails("it is open", {{"port", std::int64_t{80}}}));
                writer.add({*check}, deployment("api"), "shop", fails("it is open", {{"port", std::int64_t{81}}}));
                writer.add({*check}, deployment("api"), "", fails("it is open", {{"port", std::int64_t{80}}}));
            }
    }
    CHECK(report.results.size() == 16);
    std::set<const report::Statement*> statements;
    std::set<const report::Object*> objects;
    for (const auto& result : report.results) {
        statements.insert(&result.statement());
        objects.insert(&result.object());
    }
    CHECK(statements.size() == 4);
    CHECK(objects.size() == 3); // one of them counts in the cluster too
    const auto& result = report.results[6];
    CHECK(&result.check() == &k_other);
    CHECK(result.object().name == "api");
    CHECK(result.ns() == "shop");
    CHECK(report.results[7].ns().empty());
    CHECK(result.message() == "it is open");
    CHECK(result.evidence() == check::Evidence{{"port", std::int64_t{81}}});
}

// SPDX-License-Identifier: Apache-2.0
#include "app/score_memory.hpp"

#include <catch2/catch.hpp>

#include "support/observation_database.hpp"

namespace seaworthy::app {
namespace {

constexpr std::int64_t k_noon = 1'795'780'800; // 2026-11-27T12:00:00Z
constexpr std::int64_t k_hour = 3600;

report::Report report_at(std::int64_t at, double score)
{
    report::Report report;
    report.generated_at = Timestamp{at};
    report.score.score = score;
    auto& ns = report.namespaces.emplace_back();
    ns.name = report.texts.intern("shop");
    return report;
}

using Database = test::ObservationDatabase;

} // namespace

TEST_CASE("scores outlive the process, those of the cluster and of namespaces without any", "[score_memory]")
{
    Database database;
    publish::History before;
    for (std::int64_t hour = 0; hour < 4; ++hour) {
        const auto report = report_at(k_noon + hour * k_hour, 50.0 + static_cast<double>(hour));
        keep_scores(database.observations(), before.record(report), before, report.generated_at);
    }
    database.store.reset();
    database.store = database.open();
    publish::History after;

    restore_scores(database.observations(), after);

    REQUIRE(before.trend({}).size() == 4);
    CHECK(after.trend({}) == before.trend({}));
    CHECK(after.trend("shop") == before.trend("shop"));
    CHECK_FALSE(after.trend("shop").back().score);
}

TEST_CASE("which checks moved outlives the process", "[score_memory]")
{
    Database database;
    publish::History before;
    const publish::Move moves[] = {{Timestamp{k_noon}, "shop", "secret-in-env", 2, 1}, {Timestamp{k_noon}, "", "oidc-api-server-oidc", 0, 1}};
    keep_scores(database.observations(), {{}, {std::begin(moves), std::end(moves)}}, before, Timestamp{k_noon + 60});
    for (std::int64_t hour = 0; hour < 2; ++hour) {
        const auto report = report_at(k_noon + (hour - 1) * k_hour, 50);
        keep_scores(database.observations(), before.record(report), before, report.generated_at);
    }
    REQUIRE(database.store->observe("moves-hourly",
                                    {{"shop", k_noon * 1000, R"({"opened":1,"resolved":0})"},
                                     {"shop/x", k_noon * 1000, R"({"opened":-1,"resolved":0})"},
                                     {"shop/y", k_noon * 1000 + 5, R"({"opened":1,"resolved":0})"},
                                     {"shop/z", k_noon * 1000, "none"}},
                                    0));
    publish::History after;

    restore_scores(database.observations(), after);

    const auto difference = after.difference({}, publish::k_since_yesterday);
    REQUIRE(difference);
    REQUIRE(difference->checks.size() == 2);
    CHECK((difference->checks[0].check == "secret-in-env" && difference->checks[0].opened == 2 && difference->checks[0].resolved == 1));
    CHECK((difference->checks[1].check == "oidc-api-server-oidc" && difference->checks[1].namespaces == 0));
}

TEST_CASE("what a database holds that is no score is left out", "[score_memory]")
{
    Database database;
    const state::Milliseconds at = k_noon * 1000;
    REQUIRE(database.store->observe("scores-hourly",
                                    {{"/", at, R"({"score":50,"findings":1,"opened":0,"resolved":0})"},
                                     {"a", at, "no JSON"},
                                     {"b", at, R"({"score":50,"findings":-1,"opened":0,"resolved":0})"},
                                     {"c", at, R"({"score":5000,"findings":1,"opened":0,"resolved":0})"},
                                     {"d", at + 1, R"({"score":50,"findings":1,"opened":0,"resolved":0})"},
                                     {"e", at + 60'000, R"({"score":50,"findings":1,"opened":0,"resolved":0})"},
                                     {"", at, R"({"score":50,"findings":1,"opened":0,"resolved":0})"}},
                                    0));
    publish::History history;

    restore_scores(database.observations(), history);

    CHECK(history.trend({}).size() == 1);
    for (const auto* ns : {"a", "b", "c", "d", "e"})
        CHECK(history.trend(ns).empty());
}

} // namespace seaworthy::app

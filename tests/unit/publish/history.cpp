// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/history.hpp"

#include <catch2/catch.hpp>

#include "unit/publish/report_builder.hpp"

namespace seaworthy::publish {
namespace {

using report::Status;
using test::ReportBuilder;

constexpr std::int64_t k_noon = 1'795'780'800; // 2026-11-27T12:00:00Z
constexpr std::int64_t k_hour = 3600;
constexpr std::int64_t k_day = 24 * k_hour;

/// What an audit saw at a time: names of Deployments in `shop` and the status of the check about each.
std::shared_ptr<const report::Report> seen(std::int64_t at, const std::vector<std::pair<std::string, Status>>& objects,
                                           std::optional<double> score = 80, const std::string& gap = {})
{
    ReportBuilder builder;
    builder.ns({"shop", {}, false});
    for (const auto& [name, status] : objects)
        builder.result({.check = "secret-in-env", .ns = "shop", .name = name, .status = status});
    if (!gap.empty()) builder.gap(gap, model::Reason::forbidden);
    auto report = std::const_pointer_cast<report::Report>(builder.build());
    report->generated_at = Timestamp{at};
    report->score.score = score;
    report->namespaces.front().score.score = score;
    return report;
}

TEST_CASE("an hour has one point: the last report, and all that changed in it", "[history]")
{
    History history;

    CHECK(history.record(*seen(k_noon + 60, {{"a", Status::fail}})).size() == 4); // hour and day, cluster and namespace
    CHECK(history.record(*seen(k_noon + 120, {{"a", Status::fail}})).empty());
    CHECK_FALSE(history.record(*seen(k_noon + 180, {{"a", Status::fail}, {"b", Status::warn}}, 70)).empty());

    const auto trend = history.trend("shop");
    REQUIRE(trend.size() == 1);
    CHECK(trend[0] == TrendPoint{.at = Timestamp{k_noon}, .score = 70, .findings = 2, .opened = 1, .resolved = 0});
    CHECK(history.trend("") == trend);
    CHECK(history.trend("unknown").empty());
}

TEST_CASE("what nobody can see is not resolved", "[history]")
{
    History history;
    (void)history.record(*seen(k_noon, {{"mended", Status::fail}, {"unseen", Status::fail}, {"gone", Status::warn}}));
    (void)history.record(*seen(k_noon + 1, {{"mended", Status::pass}, {"unseen", Status::unknown}, {"gone", Status::warn}}));
    CHECK(history.trend("")[0].resolved == 1);

    SECTION("an object is gone")
    {
        (void)history.record(*seen(k_noon + 2, {{"unseen", Status::unknown}}));
        CHECK(history.trend("")[0].resolved == 2);
    }
    SECTION("its list is hidden")
    {
        (void)history.record(*seen(k_noon + 2, {{"unseen", Status::unknown}}, 80, "pods"));
        CHECK(history.trend("")[0].resolved == 1);
        (void)history.record(*seen(k_noon + 3, {{"unseen", Status::pass}}));
        CHECK(history.trend("")[0].resolved == 3);
    }
    SECTION("a list is hidden that the check does not need")
    {
        (void)history.record(*seen(k_noon + 2, {{"unseen", Status::unknown}}, 80, "persistentvolumes"));
        CHECK(history.trend("")[0].resolved == 2);
    }
    SECTION("it is seen again")
    {
        (void)history.record(*seen(k_noon + 2, {{"unseen", Status::fail}, {"gone", Status::warn}}));
        CHECK(history.trend("")[0].opened == 0);
    }
}

TEST_CASE("hours go after three days, days after as many as are wanted", "[history]")
{
    History history{10};
    for (std::int64_t hour = 0; hour < 24L * 20; ++hour)
        (void)history.record(*seen(k_noon + hour * k_hour, {}, static_cast<double>(hour % 100)));

    const auto trend = history.trend("shop");

    CHECK(std::ranges::is_sorted(trend, {}, &TrendPoint::at));
    CHECK(std::ranges::adjacent_find(trend, {}, &TrendPoint::at) == trend.end());
    CHECK(trend.back().at == Timestamp{k_noon + (24 * 20 - 1) * k_hour});
    CHECK(trend.size() <= 72 + 10);
    CHECK(trend.size() >= 72 + 6);
}

TEST_CASE("a change is told against yesterday, or the oldest that is known", "[history]")
{
    History history;
    (void)history.record(*seen(k_noon, {{"a", Status::fail}}, 90));
    CHECK_FALSE(history.change("shop"));
    (void)history.record(*seen(k_noon + k_hour, {{"a", Status::pass}, {"b", Status::fail}}, 85));

    const auto change = history.change("shop");
    REQUIRE(change);
    CHECK(change->since == Timestamp{k_noon});
    CHECK((change->score == 90 && change->score_now == 85 && change->opened == 1 && change->resolved == 1));

    (void)history.record(*seen(k_noon + k_day + 2 * k_hour, {{"b", Status::fail}}, 95));
    CHECK(history.change("shop")->since == Timestamp{k_noon + k_hour});
    CHECK(history.movers(5).size() == 1);
    CHECK(history.movers(0).empty());
}

TEST_CASE("a namespace that is gone is forgotten, one that is hidden is not", "[history]")
{
    History history;
    (void)history.record(*seen(k_noon, {}));
    ReportBuilder hidden;
    hidden.gap("namespaces", model::Reason::forbidden);
    (void)history.record(*hidden.build());
    CHECK_FALSE(history.trend("shop").empty());

    ReportBuilder empty;
    (void)history.record(*empty.build());
    CHECK(history.trend("shop").empty());
}

TEST_CASE("what was remembered goes on, and what makes no sense is refused", "[history]")
{
    History before;
    std::vector<PlacedPoint> remembered;
    for (std::int64_t hour = 0; hour < 5; ++hour)
        for (auto& point : before.record(*seen(k_noon + hour * k_hour, {}, 50.0 + static_cast<double>(hour))))
            if (point.step == Step::hour) remembered.push_back(std::move(point));
    History after;
    for (const auto& point : remembered)
        CHECK(after.restore(point));
    CHECK(after.trend("shop") == before.trend("shop"));

    const auto refused = [&](TrendPoint point) { return !after.restore({"shop", Step::hour, point}); };
    CHECK(refused({.at = {}, .score = 50, .findings = 0, .opened = 0, .resolved = 0}));
    CHECK(refused({.at = Timestamp{k_noon + 7}, .score = 50, .findings = 0, .opened = 0, .resolved = 0}));
    CHECK(refused({.at = Timestamp{k_noon}, .score = 50, .findings = 0, .opened = 0, .resolved = 0}));
    CHECK(refused({.at = Timestamp{k_noon + 9 * k_hour}, .score = 101, .findings = 0, .opened = 0, .resolved = 0}));
    CHECK(refused(
        {.at = Timestamp{k_noon + 9 * k_hour}, .score = std::numeric_limits<double>::quiet_NaN(), .findings = 0, .opened = 0, .resolved = 0}));
}

TEST_CASE("a clock that is set back changes nothing of the past", "[history]")
{
    History history;
    (void)history.record(*seen(k_noon, {}, 90));
    CHECK(history.record(*seen(k_noon - 2 * k_day, {}, 10)).empty());
    CHECK(history.trend("shop").size() == 1);
}

} // namespace
} // namespace seaworthy::publish

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

    CHECK(history.record(*seen(k_noon + 60, {{"a", Status::fail}})).points.size() == 4); // hour and day, cluster and namespace
    CHECK(history.record(*seen(k_noon + 120, {{"a", Status::fail}})).points.empty());
    CHECK_FALSE(history.record(*seen(k_noon + 180, {{"a", Status::fail}, {"b", Status::warn}}, 70)).points.empty());

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
    CHECK(history.change("shop")->reaches_back);
}

TEST_CASE("within the first hour reports are compared one by one", "[history]")
{
    History history;
    (void)history.record(*seen(k_noon + 10, {{"a", Status::fail}}, 80));
    CHECK_FALSE(history.difference("", k_since_yesterday));
    CHECK(history.fine_trend("shop").size() == 1);
    (void)history.record(*seen(k_noon + 15, {{"a", Status::fail}, {"b", Status::fail}}, 75));
    (void)history.record(*seen(k_noon + 20, {{"b", Status::fail}}, 78));

    const auto difference = history.difference("", k_since_yesterday);

    CHECK(history.trend("shop").size() == 1);
    CHECK(history.fine_trend("shop").size() == 3);
    REQUIRE(difference);
    CHECK(difference->change.since == Timestamp{k_noon + 10});
    CHECK_FALSE(difference->change.reaches_back);
    CHECK((difference->change.score == 80 && difference->change.score_now == 78));
    CHECK((difference->change.opened == 1 && difference->change.resolved == 1));
    REQUIRE(difference->checks.size() == 1);
    CHECK((difference->checks[0].check == "secret-in-env" && difference->checks[0].opened == 1 && difference->checks[0].resolved == 1));
    CHECK(difference->checks[0].namespaces == 1);
    REQUIRE(difference->namespaces.size() == 1);
    CHECK((difference->namespaces[0].first == "shop" && difference->namespaces[0].second.opened == 1));
}

TEST_CASE("checks and sums are counted from the same hour, whatever is asked for", "[history]")
{
    History history;
    std::vector<std::pair<std::string, Status>> objects;
    for (std::int64_t step = 0; step < 12L * 24 * 9; ++step) { // every five minutes; one finding more each hour
        if (step % 12 == 7) objects.emplace_back("o" + std::to_string(step), Status::fail);
        (void)history.record(*seen(k_noon + step * 300, objects, 80));
    }
    const auto last = k_noon + (12L * 24 * 9 - 1) * 300;

    for (const Since& since :
         std::vector<Since>{seconds{k_hour}, seconds{5 * k_hour}, seconds{k_day}, seconds{2 * k_day}, seconds{5 * k_day}, seconds{300 * k_day},
                            Timestamp{last - k_day}, Timestamp{k_noon + 4 * k_day + 12 * k_hour}, Timestamp{k_noon - k_day}}) {
        const auto difference = history.difference("shop", since);
        REQUIRE(difference);
        REQUIRE(difference->checks.size() == 1);
        CHECK(difference->checks[0].opened == difference->change.opened);
        CHECK(difference->all_checks);
        CHECK(difference->namespaces.empty());
    }
    CHECK(history.difference("", seconds{k_day})->change.opened == 24);
    CHECK(history.difference("", seconds{k_day})->change.reaches_back);
    CHECK(history.difference("", seconds{5 * k_day})->change.reaches_back);
    CHECK_FALSE(history.difference("", seconds{300 * k_day})->change.reaches_back);
    CHECK_FALSE(history.difference("", Timestamp{k_noon - k_day})->change.reaches_back);
    // From a day's begin on: that day counts, the one before does not.
    const auto midnight = k_noon + 4 * k_day + 12 * k_hour;
    CHECK(history.difference("", Timestamp{midnight})->change.since == Timestamp{midnight - k_day});
}

TEST_CASE("audits in quick succession cost no more room and lose no change", "[history]")
{
    History history;
    std::vector<std::pair<std::string, Status>> objects;
    for (std::int64_t second = 0; second < 3000; ++second) {
        if (second > 0 && second % 100 == 0) objects.emplace_back("o" + std::to_string(second), Status::fail);
        (void)history.record(*seen(k_noon + second, objects, 80));
    }
    const auto fine = history.fine_trend("shop");
    CHECK(fine.size() <= 240);
    CHECK(fine.size() > 100);
    CHECK(std::ranges::is_sorted(fine, {}, &TrendPoint::at));
    CHECK(fine.back().at == Timestamp{k_noon + 2999});
    std::uint32_t opened = 0;
    for (const auto& point : fine)
        opened += point.opened;
    CHECK(opened == 29);
}

TEST_CASE("moves beyond what there is room for are forgotten from the oldest hour on, and that is told", "[history]")
{
    Moves moves{90};
    for (std::int64_t hour = 0; hour < 3; ++hour)
        for (int ns = 0; ns < 9000; ++ns)
            moves.opened(Timestamp{k_noon + hour * k_hour}, "ns" + std::to_string(ns), "secret-in-env");

    CHECK(moves.complete_from() == Timestamp{k_noon + k_hour});
    REQUIRE(moves.since(Timestamp{k_noon}, "").size() == 1);
    CHECK(moves.since(Timestamp{k_noon}, "")[0].opened == 18'000);
    CHECK(moves.since(Timestamp{k_noon}, "")[0].namespaces == 9000);
    CHECK(moves.since(Timestamp{k_noon}, "ns1")[0].opened == 2);
    CHECK(moves.since(Timestamp{k_noon + 3 * k_hour}, "").empty());
    CHECK(moves.take_changed().size() == 9000);
    CHECK(moves.take_changed().empty());

    Moves flood{90};
    for (int ns = 0; ns < 30'000; ++ns)
        flood.opened(Timestamp{k_noon}, "ns" + std::to_string(ns), "secret-in-env");
    CHECK(flood.since(Timestamp{k_noon}, "")[0].namespaces == 20'000);
    CHECK(flood.complete_from() == Timestamp{k_noon + k_hour});

    Moves old{2};
    old.resolved(Timestamp{k_noon}, "", "secret-in-env");
    old.resolved(Timestamp{k_noon + 3 * k_day}, "", "secret-in-env");
    CHECK(old.since(Timestamp{0}, "")[0].resolved == 1);
}

TEST_CASE("a remembered move that makes no sense is refused", "[history]")
{
    History history;
    CHECK(history.restore(Move{Timestamp{k_noon}, "shop", "secret-in-env", 1, 0}));
    CHECK_FALSE(history.restore(Move{Timestamp{k_noon}, "shop", "secret-in-env", 1, 0}));
    CHECK_FALSE(history.restore(Move{Timestamp{k_noon + 1}, "shop", "secret-in-env", 1, 0}));
    CHECK_FALSE(history.restore(Move{Timestamp{k_noon}, "shop", "", 1, 0}));
    CHECK_FALSE(history.restore(Move{Timestamp{k_noon}, "shop", "other", 0, 0}));
    CHECK_FALSE(history.restore(Move{{}, "shop", "other", 1, 0}));
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
        for (auto& point : before.record(*seen(k_noon + hour * k_hour, {}, 50.0 + static_cast<double>(hour))).points)
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
    CHECK(history.record(*seen(k_noon - 2 * k_day, {}, 10)).points.empty());
    CHECK(history.trend("shop").size() == 1);
}

} // namespace
} // namespace seaworthy::publish

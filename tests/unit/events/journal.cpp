// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/events/journal.hpp"

#include <catch2/catch.hpp>

#include "unit/events/audits.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using check::Severity;
using check::Status;
using Codes = std::vector<std::string>;

namespace {

Seen with(Status status)
{
    return {.status = status};
}

report::Report& without(report::Report& report, std::string resource, model::Reason reason, std::string ns = "*")
{
    report.gaps.push_back({std::move(resource), std::move(ns), reason, "could not be read"});
    report.complete = false;
    return report;
}

} // namespace

TEST_CASE("a finding opens, resolves after two passes and opens again", "[journal]")
{
    Audits cluster;
    cluster.calm();

    CHECK(cluster.audit({with(Status::fail)}) == Codes{"finding_opened"});
    CHECK(cluster.audit({with(Status::fail)}).empty());
    CHECK(cluster.audit({with(Status::pass)}).empty());
    CHECK(cluster.audit({with(Status::pass)}) == Codes{"finding_resolved"});
    CHECK(cluster.audit({with(Status::pass)}).empty());
    CHECK(cluster.audit({with(Status::fail)}) == Codes{"finding_reopened"});

    const auto opened = cluster.last("finding_opened");
    const auto reopened = cluster.last("finding_reopened");
    CHECK(opened["finding_info"]["uid"] == reopened["finding_info"]["uid"]);
    CHECK(opened["finding_info"]["uid_alt"].get<std::string>().ends_with("#1"));
    CHECK(reopened["finding_info"]["uid_alt"].get<std::string>().ends_with("#2"));
    CHECK(reopened["activity_id"] == 1);
    CHECK(cluster.last("finding_resolved")["unmapped"]["from"] == "fail");
}

TEST_CASE("the object's name makes the finding, not its uid", "[journal]")
{
    Audits cluster;
    cluster.calm();
    CHECK(cluster.audit({{.uid = "one"}}) == Codes{"finding_opened"});
    CHECK(cluster.audit({{.uid = "two"}}).empty());
}

TEST_CASE("a finding tells what of it changes, and no numbers", "[journal]")
{
    Audits cluster;
    cluster.calm();
    const check::Evidence few{{"pods", std::int64_t{3}}, {"names", std::vector<std::string>{"a"}}};
    const check::Evidence many{{"pods", std::int64_t{30}}, {"names", std::vector<std::string>{"b", "c"}}};
    cluster.audit({{.evidence = few}});

    CHECK(cluster.audit({{.evidence = many, .message = "other words"}}).empty());
    CHECK(cluster.audit({{.evidence = {{"pods", std::int64_t{30}}}}}) == Codes{"finding_changed"});
    CHECK(cluster.last("finding_changed")["unmapped"]["transition"] == "evidence_changed");
    CHECK(cluster.audit({{.status = Status::warn, .evidence = {{"pods", std::int64_t{30}}}}}) == Codes{"finding_changed"});
    const auto changed = cluster.last("finding_changed");
    CHECK(changed["unmapped"]["from"] == "fail");
    CHECK(changed["unmapped"]["to"] == "warn");
    CHECK(changed["compliance"]["status_id"] == 3); // a warn is not OCSF's Warning
    CHECK(cluster.audit({{.status = Status::warn, .severity = Severity::critical, .evidence = {{"pods", std::int64_t{30}}}}}) ==
          Codes{"finding_changed"});
    CHECK(cluster.last("finding_changed")["severity_id"] == 5);
}

TEST_CASE("an exemption suppresses, and its end is told", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({with(Status::fail)});

    CHECK(cluster.audit({{.exempt = true}}) == Codes{"finding_suppressed"});
    const auto suppressed = cluster.last("finding_suppressed");
    CHECK(suppressed["status_id"] == 3);
    CHECK(suppressed["unmapped"]["exemption"]["owner"] == "team-green");
    CHECK(suppressed["unmapped"]["exemption"]["until"].get<std::string>().size() == 20);
    CHECK(cluster.audit({{.severity = Severity::low, .exempt = true}}).empty());
    CHECK(cluster.audit({with(Status::unknown)}).empty());
    CHECK(cluster.audit({with(Status::fail)}) == Codes{"finding_changed"});
    CHECK(cluster.last("finding_changed")["unmapped"]["transition"] == "exemption_ended");
}

TEST_CASE("what cannot be looked at is unevaluated, never resolved", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({with(Status::fail)});
    cluster.forget();

    struct Row {
        const char* what;
        std::vector<Seen> rows;
        Audits::Change change;
    };
    const std::vector<Row> blind{
        {"the verdict", {{.status = Status::unknown, .reason = model::Reason::forbidden}}, {}},
        {"the namespace", {{.name = "shop", .status = Status::unknown, .kind = "Namespace", .reason = model::Reason::forbidden}}, {}},
        {"the cluster", {{.name = "", .status = Status::unknown, .ns = "", .kind = "Cluster", .reason = model::Reason::unavailable}}, {}},
        {"a forbidden list", {}, [](auto& report) { without(report, "networkpolicies.networking.k8s.io", model::Reason::forbidden); }},
        {"one of the namespace", {}, [](auto& report) { without(report, "networkpolicies.networking.k8s.io", model::Reason::timeout, "shop"); }},
        {"namespaces", {}, [](auto& report) { without(report, "namespaces", model::Reason::timeout); }},
        {"a report of nothing", {}, [](auto& report) { report.results.clear(); }},
    };
    for (const auto& [what, rows, change] : blind) {
        CAPTURE(what);
        CHECK(cluster.audit(rows, change) == Codes{"finding_unevaluated"});
        CHECK(cluster.last("finding_unevaluated")["compliance"]["status_id"] == 2);
        CHECK(cluster.last("finding_unevaluated")["activity_id"] == 2);
        for (int i = 0; i < 5; ++i)
            CHECK(cluster.audit(rows, change).empty());
        CHECK(open_by_replay(cluster.told()).size() == 1);
        CHECK(cluster.audit({with(Status::fail)}) == Codes{"finding_changed"});
        CHECK(cluster.last("finding_changed")["unmapped"]["transition"] == "evaluated");
    }
}

TEST_CASE("a list that is missing elsewhere keeps nothing open", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({with(Status::fail)});
    const auto elsewhere = [](auto& report) {
        without(report, "networkpolicies.networking.k8s.io", model::Reason::forbidden, "other");
        without(report, "pods", model::Reason::forbidden);
        without(report, "networkpolicies.networking.k8s.io", model::Reason::not_served);
    };
    CHECK(cluster.audit({}, elsewhere).empty());
    CHECK(cluster.audit({}, elsewhere) == Codes{"finding_resolved"});
}

TEST_CASE("a finding goes with its object", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({with(Status::fail)});
    CHECK(cluster.audit({}).empty());
    CHECK(cluster.audit({}) == Codes{"finding_resolved"});

    const auto deleted = cluster.last("finding_resolved");
    CHECK(deleted["compliance"]["status_id"] == 99);
    CHECK(deleted["compliance"]["status_code"] == "resource_deleted");
    CHECK(deleted["resources"][0]["name"] == "api");
    CHECK(deleted["resources"][0]["type"] == "apps/v1/Deployment");
    CHECK(deleted["severity_id"] == 4);
}

TEST_CASE("a report that is recorded again tells nothing", "[journal]")
{
    Audits cluster;
    cluster.calm();
    const auto first = cluster.report({with(Status::fail)});
    CHECK(cluster.record(*first).of("finding_opened") == 1);
    CHECK(cluster.record(*first).total() == 0);
    cluster.restart();
    CHECK(cluster.record(*first).total() == 0);

    const auto pass = cluster.report({with(Status::pass)});
    for (int i = 0; i < 5; ++i)
        CHECK(cluster.record(*pass).of("finding_resolved") == 0); // one pass, however often
}

TEST_CASE("after a restart only what has changed meanwhile is told", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.name = "a"}, {.name = "b"}});
    cluster.restart();
    CHECK(cluster.audit({{.name = "a"}, {.name = "b"}}).empty());
    cluster.restart();
    CHECK(cluster.audit({{.name = "a"}, {.name = "c"}}) == Codes{"finding_opened"});
}

TEST_CASE("the same history gives the same uids", "[journal]")
{
    const auto history = [] {
        Audits cluster;
        cluster.calm();
        for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass, Status::pass, Status::fail})
            cluster.audit({with(status)});
        std::vector<std::string> uids;
        for (const auto& row : cluster.rows())
            if (row.event_class == "finding") uids.push_back(row.uid);
        return uids;
    };
    const auto once = history();
    CHECK(once.size() == 5);
    CHECK(std::set(once.begin(), once.end()).size() == once.size());
    CHECK(history() == once);
}

TEST_CASE("the first audit is told as the baseline says", "[journal]")
{
    using Baseline = config::Events::Baseline;
    struct Row {
        Baseline baseline;
        std::size_t opened;
        std::size_t suppressed;
        std::size_t summaries;
    };
    const std::vector<Row> rows{{Baseline::summary, 1, 0, 1}, {Baseline::emit, 2, 1, 0}, {Baseline::silent, 0, 0, 0}};
    for (const auto& [baseline, opened, suppressed, summaries] : rows) {
        config::Events settings;
        settings.baseline = baseline;
        settings.heartbeat = config::Events::Heartbeat::off;
        Audits cluster{settings};
        const std::vector<Seen> seen{{.name = "high"}, {.check = "image-tag", .name = "medium"}, {.name = "exempt", .exempt = true}};
        const auto recorded = cluster.record(*cluster.report(seen));
        CHECK(recorded.of("finding_opened") == opened);
        CHECK(recorded.of("finding_suppressed") == suppressed);
        CHECK(recorded.of("audit_completed") == summaries);
        CHECK(cluster.audit(seen).empty());

        // What was not told then is known all the same.
        CHECK(cluster.audit({}).empty());
        CHECK(cluster.audit({}) == Codes(3, "finding_resolved"));
    }
}

TEST_CASE("a new database gives the uids of the old one", "[journal]")
{
    config::Events settings;
    settings.baseline = config::Events::Baseline::emit;
    const auto first_uid = [&] {
        Audits cluster{settings};
        cluster.record(*cluster.report({with(Status::fail)}));
        return cluster.last("finding_opened")["metadata"]["uid"].get<std::string>();
    };
    const auto uid = first_uid();
    CHECK(uid == first_uid());
    CHECK(uid.size() == 36);
    CHECK(uid[14] == '8');
}

TEST_CASE("a thousand findings of one check are one event", "[journal][storm]")
{
    Audits cluster;
    cluster.calm();
    std::vector<Seen> many;
    for (int i = 0; i < 1'000; ++i)
        many.push_back({.name = "api-" + std::to_string(i)});
    auto more = many;
    more.push_back({.check = "image-tag"});

    const auto codes = cluster.audit(more);
    CHECK(codes == Codes{"finding_opened", "finding_storm"});
    const auto storm = cluster.last("finding_storm");
    CHECK(storm["count"] == 1'000);
    CHECK(storm["resources"].size() == 100);
    CHECK(storm["unmapped"]["of"] == "opened");
    CHECK(storm["compliance"]["control"] == "network-policies");
    CHECK(cluster.audit(more).empty());

    SECTION("as is what makes them all unevaluated, and its end")
    {
        const auto forbidden = [](auto& report) { without(report, "networkpolicies.networking.k8s.io", model::Reason::forbidden); };
        CHECK(cluster.audit({{.check = "image-tag"}}, forbidden) == Codes{"finding_storm"});
        CHECK(cluster.last("finding_storm")["compliance"]["status_id"] == 2);
        CHECK(cluster.audit(more) == Codes{"finding_storm"});
    }
    SECTION("but each that closes is told")
    {
        many.resize(990);
        many.push_back({.check = "image-tag"});
        CHECK(cluster.audit(many).empty());
        CHECK(cluster.audit(many) == Codes(10, "finding_resolved"));
    }
}

TEST_CASE("as many as the limit are told one by one", "[journal][storm]")
{
    config::Events settings;
    settings.storm_per_check = 3;
    Audits cluster{settings};
    cluster.calm();
    CHECK(cluster.audit({{.name = "a"}, {.name = "b"}, {.name = "c"}}) == Codes(3, "finding_opened"));
}

TEST_CASE("an audit of more than a transaction holds is written in several", "[journal]")
{
    config::Events settings;
    settings.baseline = config::Events::Baseline::emit;
    Audits cluster{settings, 64 * k_mib};
    std::vector<Seen> many;
    for (int i = 0; i < 2'500; ++i)
        many.push_back({.name = "api-" + std::to_string(i)});
    const auto made = cluster.report(many);
    const auto recorded = cluster.record(*made);
    CHECK(recorded.of("finding_opened") == 2'500);
    CHECK(recorded.of("audit_completed") == 1);
    CHECK(cluster.journal().committed().total() == 2'501);
    CHECK(cluster.audit(many).empty());
    std::int64_t last = 0;
    for (const auto& record : cluster.told()) {
        CHECK(record["metadata"]["sequence"] > last);
        last = record["metadata"]["sequence"];
    }
}

TEST_CASE("a finding that flaps is told so once, and then where it ends", "[journal][flapping]")
{
    config::Events settings;
    settings.resolve_after = 1;
    Audits cluster{settings};
    cluster.interval = 60;
    cluster.calm();
    std::map<std::string, int> counts;
    const auto see = [&](Status status) {
        for (const auto& code : cluster.audit({with(status)}))
            ++counts[code];
    };
    for (int i = 0; i < 20; ++i)
        see(i % 2 == 0 ? Status::fail : Status::pass);
    CHECK(counts == std::map<std::string, int>{{"finding_opened", 1}, {"finding_resolved", 1}, {"finding_reopened", 1}, {"finding_flapping", 1}});
    CHECK(cluster.last("finding_flapping")["unmapped"]["changes"] == 4);

    SECTION("closed")
    {
        for (int i = 0; i < 40; ++i)
            see(Status::pass);
        CHECK(counts["finding_resolved"] == 2);
        CHECK(counts.size() == 4);
        see(Status::fail);
        CHECK(counts["finding_reopened"] == 2);
    }
    SECTION("open")
    {
        for (int i = 0; i < 40; ++i)
            see(Status::fail);
        CHECK(counts["finding_changed"] == 1);
        CHECK(cluster.last("finding_changed")["unmapped"]["transition"] == "stable");
    }
    SECTION("across a restart")
    {
        cluster.restart();
        see(Status::fail);
        CHECK(counts["finding_reopened"] == 1);
    }
}

TEST_CASE("slow changes do not flap", "[journal][flapping]")
{
    config::Events settings;
    settings.resolve_after = 1;
    Audits cluster{settings};
    cluster.interval = 1'800;
    cluster.calm();
    for (int i = 0; i < 20; ++i)
        CHECK(cluster.audit({with(i % 2 == 0 ? Status::fail : Status::pass)}) != Codes{"finding_flapping"});
}

TEST_CASE("an object that has just changed is looked at in the next audit", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.facts = [&](const report::Object& object) -> events::ObjectFacts {
        if (object.name == "api") return {.changed = (cluster.now() - 10) * 1000, .labels = {}};
        return {};
    };
    CHECK(cluster.audit({with(Status::fail)}).empty());
    cluster.facts = {};
    CHECK(cluster.audit({with(Status::fail)}) == Codes{"finding_opened"});

    // Gone before it settled: nobody ever hears of it.
    cluster.facts = [&](const report::Object&) -> events::ObjectFacts { return {.changed = cluster.now() * 1000, .labels = {}}; };
    CHECK(cluster.audit({with(Status::fail), {.name = "other"}}).empty());
    cluster.facts = {};
    CHECK(cluster.audit({with(Status::fail)}).empty());
    int rows = 0;
    must(cluster.store().for_each_finding([&](const auto&) { ++rows; }));
    CHECK(rows == 1);
}

TEST_CASE("what stays open is told again where reminders are on", "[journal]")
{
    config::Events settings;
    settings.reminder_after = std::chrono::hours{1};
    Audits cluster{settings};
    cluster.calm();
    const std::vector<Seen> seen{with(Status::fail), {.check = "image-tag"}};
    std::map<std::string, int> counts;
    for (int i = 0; i < 25; ++i)
        for (const auto& code : cluster.audit(seen))
            ++counts[code];
    CHECK(counts == std::map<std::string, int>{{"finding_opened", 2}, {"finding_reminder", 2}}); // of the high one
}

TEST_CASE("audits are told as often as the heartbeat says", "[journal]")
{
    using Heartbeat = config::Events::Heartbeat;
    const std::vector<std::pair<Heartbeat, std::uint64_t>> rows{{Heartbeat::every_audit, 24}, {Heartbeat::hourly, 2}, {Heartbeat::off, 0}};
    for (const auto& [heartbeat, expected] : rows) {
        config::Events settings;
        settings.heartbeat = heartbeat;
        Audits cluster{settings};
        cluster.calm();
        const auto before = cluster.journal().committed().of("audit_completed");
        for (int i = 0; i < 24; ++i)
            cluster.audit({}); // two hours
        CHECK(cluster.journal().committed().of("audit_completed") - before == expected);
    }
}

TEST_CASE("events that were given up are reported, and all open findings told again", "[journal][snapshot]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.name = "a"}, {.name = "b"}, {.name = "exempt", .exempt = true}});
    CHECK(must(cluster.store().drop_older_than((cluster.now() + 60) * 1000)) > 0);

    const std::vector<Seen> seen{{.name = "a"}, {.name = "b"}, {.name = "exempt", .exempt = true}};
    CHECK(cluster.audit(seen) == Codes{"events_dropped"});
    const auto dropped = cluster.last("events_dropped");
    CHECK(dropped["class_uid"] == 6008);
    CHECK(dropped["status_code"] == "expired");
    CHECK(dropped["count"] == 4);       // three findings and the audit that they were seen in
    CHECK(cluster.audit(seen).empty()); // nothing was lost in this one
    CHECK(cluster.audit(seen) == Codes(3, "finding_snapshot"));
    CHECK(cluster.audit(seen).empty());
    CHECK(open_by_replay(cluster.told()).size() == 2);

    SECTION("on request, too")
    {
        must(cluster.journal().request_snapshot());
        CHECK(cluster.audit(seen) == Codes(3, "finding_snapshot"));
    }
    SECTION("after the clock was put back by a day, too")
    {
        constexpr std::int64_t k_day = 86'400;
        cluster.wait(-k_day);
        CHECK(must(cluster.store().drop_older_than((cluster.now() + 2 * k_day) * 1000)) > 0);
        CHECK(cluster.audit(seen) == Codes{"events_dropped"});
        CHECK(cluster.audit(seen).empty());
        CHECK(cluster.audit(seen) == Codes(3, "finding_snapshot"));
    }
}

TEST_CASE("a snapshot that was asked for before the first audit follows it", "[journal][snapshot]")
{
    config::Events settings;
    settings.baseline = config::Events::Baseline::silent;
    Audits cluster{settings};
    must(cluster.journal().request_snapshot());
    cluster.restart();
    const std::vector<Seen> seen{{.name = "a"}, {.check = "image-tag"}};
    CHECK(cluster.audit(seen).empty());
    CHECK(cluster.audit(seen) == Codes(2, "finding_snapshot"));
    CHECK(cluster.audit(seen).empty());
}

TEST_CASE("findings of a check that is no more are closed", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.status = Status::fail}});
    std::optional<state::FindingRow> old;
    must(cluster.store().for_each_finding([&](const auto& row) { old = row; }));
    old->uid = "f1:00000000000000000000000000000000";
    old->check = "gone";
    must(cluster.store().write([&](state::Writer& writer) { return writer.put(*old); }));
    CHECK(cluster.audit({{.status = Status::fail}}).empty());
    CHECK(cluster.audit({{.status = Status::fail}}) == Codes{"finding_resolved"});
    CHECK(cluster.last("finding_resolved")["finding_info"]["title"] == "gone");
    CHECK(cluster.last("finding_resolved")["status_code"] == "check_disabled");
}

TEST_CASE("a finding whose check is switched off is closed, and its object not called deleted", "[journal]")
{
    Audits cluster;
    cluster.calm();
    const auto switched_off = [](report::Report& report) { report.switched_off = {"netpol-deny"}; };
    cluster.audit({{.name = "api"}, {.check = "image-tag", .name = "other"}});
    // A list that the check would need does not keep it open: nobody asks for it.
    const auto blind = [&](report::Report& report) {
        switched_off(report);
        report.gaps.push_back({"networkpolicies.networking.k8s.io", "*", model::Reason::forbidden, ""});
    };
    CHECK(cluster.audit({{.check = "image-tag", .name = "other"}}, blind).empty());
    CHECK(cluster.audit({{.check = "image-tag", .name = "other"}}, switched_off) == Codes{"finding_resolved"});

    const auto closed = cluster.last("finding_resolved");
    CHECK(closed["unmapped"]["transition"] == "retired");
    CHECK(closed["status_code"] == "check_disabled");
    CHECK(closed["compliance"]["status_id"] == 99);
    SECTION("it opens again with the check")
    {
        CHECK(cluster.audit({{.name = "api"}, {.check = "image-tag", .name = "other"}}) == Codes{"finding_reopened"});
    }
    SECTION("a report that sees nothing closes nothing")
    {
        const auto nothing = [&](report::Report& report) {
            switched_off(report);
            report.switched_off.push_back("image-tag");
            report.results.clear();
        };
        for (int i = 0; i < 4; ++i)
            for (const auto& code : cluster.audit({}, nothing))
                CHECK(code == "finding_unevaluated");
    }
}

TEST_CASE("a finding whose namespace the configuration leaves out is closed as out of scope, and its object not called deleted", "[journal]")
{
    Audits cluster;
    cluster.calm();
    const Seen elsewhere{.check = "image-tag", .name = "other", .ns = "till"};
    const auto excluded = [](report::Report& report) { report.excluded_namespaces = {report.texts.intern("shop")}; };
    // One of them is the namespace itself, whose findings count in it.
    cluster.audit({{.name = "api"}, {.name = "shop", .kind = "Namespace"}, elsewhere});
    // A list that the check would need does not keep it open: nobody looks there.
    const auto blind = [&](report::Report& report) {
        excluded(report);
        report.gaps.push_back({"networkpolicies.networking.k8s.io", "*", model::Reason::forbidden, ""});
    };
    CHECK(cluster.audit({elsewhere}, blind).empty());
    CHECK(cluster.audit({elsewhere}, excluded) == Codes(2, "finding_resolved"));

    const auto closed = cluster.last("finding_resolved");
    CHECK(closed["unmapped"]["transition"] == "out_of_scope");
    CHECK(closed["status_code"] == "out_of_scope");
    CHECK(closed["compliance"]["status_id"] == 99);
    CHECK_THAT(closed["message"].get<std::string>(), Catch::Contains("configuration"));
    SECTION("it opens again with the namespace")
    {
        CHECK(cluster.audit({{.name = "api"}, elsewhere}) == Codes{"finding_reopened"});
    }
    SECTION("an object that is gone from a namespace that is looked at is deleted all the same")
    {
        cluster.audit({}, excluded);
        CHECK(cluster.audit({}, excluded) == Codes{"finding_resolved"});
        CHECK(cluster.last("finding_resolved")["status_code"] == "resource_deleted");
    }
    SECTION("a report that sees nothing closes nothing")
    {
        const auto nothing = [&](report::Report& report) {
            report.excluded_namespaces = {report.texts.intern("till")};
            report.results.clear();
        };
        for (int i = 0; i < 4; ++i)
            for (const auto& code : cluster.audit({}, nothing))
                CHECK(code == "finding_unevaluated");
    }
}

TEST_CASE("an object of which other checks still speak is not called deleted", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.name = "api"}});
    cluster.audit({{.check = "image-tag", .name = "api", .status = Status::pass}});
    CHECK(cluster.audit({{.check = "image-tag", .name = "api", .status = Status::pass}}) == Codes{"finding_resolved"});
    CHECK(cluster.last("finding_resolved")["status_code"] == "not_applicable");
}

TEST_CASE("a full database with a dead sink is not filled with snapshots", "[journal][snapshot]")
{
    Audits cluster{{}, k_mib};
    cluster.calm();
    std::vector<Seen> seen;
    for (int i = 0; i < 40; ++i)
        seen.push_back({.name = "api-" + std::to_string(i)});
    std::map<std::string, int> counts;
    for (int i = 0; i < 60; ++i) {
        for (auto& row : seen)
            row.severity = i % 2 == 0 ? Severity::high : Severity::critical;
        for (const auto& code : cluster.audit(seen))
            ++counts[code];
    }
    CHECK(counts["events_dropped"] > 10);
    CHECK(counts["finding_snapshot"] == 0);
}

TEST_CASE("closed findings are forgotten after ninety days", "[journal]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({with(Status::fail)});
    cluster.audit({});
    cluster.audit({});
    const auto rows = [&] {
        int count = 0;
        must(cluster.store().for_each_finding([&](const auto&) { ++count; }));
        return count;
    };
    cluster.wait(89 * 86'400);
    cluster.audit({});
    CHECK(rows() == 1);
    cluster.wait(2 * 86'400);
    cluster.audit({});
    CHECK(rows() == 0);
}

// SPDX-License-Identifier: Apache-2.0
#include <random>

#include <catch2/catch.hpp>

#include "unit/events/audits.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using check::Status;

namespace {

constexpr Status k_statuses[] = {Status::fail, Status::fail, Status::warn, Status::pass, Status::pass, Status::unknown, Status::not_applicable};

/// An audit of twenty objects, each of which may be there or not.
std::vector<Seen> random_audit(std::mt19937& random, int calmness)
{
    std::vector<Seen> rows;
    for (int i = 0; i < 20; ++i) {
        std::mt19937 own{static_cast<unsigned>(i * 7919 + static_cast<int>(random() % static_cast<unsigned>(calmness)))};
        if (own() % 6 == 0) continue;
        Seen row{.check = i % 3 == 0 ? "image-tag" : "netpol-deny", .name = "api-" + std::to_string(i)};
        row.status = k_statuses[own() % std::size(k_statuses)];
        row.exempt = (row.status == Status::fail || row.status == Status::warn) && own() % 5 == 0;
        if (row.status == Status::unknown) row.reason = model::Reason::forbidden;
        rows.push_back(std::move(row));
    }
    return rows;
}

std::set<std::string> open_in(const report::Report& report)
{
    std::set<std::string> open;
    for (const auto& result : report.results)
        if (result.is_finding() && result.exemption() == 0) open.insert(report::fingerprint(result));
    return open;
}

config::Events lively()
{
    config::Events settings;
    settings.baseline = config::Events::Baseline::emit;
    settings.resolve_after = 1;
    settings.flap_transitions = 1'000'000;
    return settings;
}

} // namespace

TEST_CASE("who replays the events knows what is open in the last report", "[journal][property]")
{
    for (unsigned seed = 1; seed <= 25; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        Audits cluster{lively(), 2 * k_mib};
        std::vector<nlohmann::json> told;
        std::set<std::string> unknown; // open when it was last seen
        for (int audit = 0; audit < 15; ++audit) {
            cluster.wait(300);
            const auto report = cluster.report(random_audit(random, 4));
            auto expected = open_in(*report);
            // A finding that cannot be looked at stays as it was.
            for (const auto& result : report->results)
                if (result.status() == Status::unknown && unknown.contains(report::fingerprint(result))) expected.insert(report::fingerprint(result));
            cluster.record(*report);
            if (random() % 4 == 0) cluster.restart();
            if (random() % 4 == 0) CHECK(cluster.record(*report).total() == 0);
            const auto replayed = open_by_replay(cluster.told());
            CHECK(replayed == expected);
            unknown = replayed;
        }
    }
}

TEST_CASE("each event has a uid of its own, and each finding's come in order", "[journal][property]")
{
    for (unsigned seed = 100; seed < 110; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        config::Events settings;
        settings.flap_transitions = 3;
        settings.storm_per_check = 4;
        Audits cluster{settings, 2 * k_mib};
        for (int audit = 0; audit < 20; ++audit)
            cluster.audit(random_audit(random, 3));
        std::set<std::string> uids;
        std::map<std::string, std::int64_t> revisions;
        for (const auto& record : cluster.told()) {
            CHECK(uids.insert(record["metadata"]["uid"]).second);
            if (!record["unmapped"].contains("revision")) continue;
            auto& last = revisions[record["finding_info"]["uid"]];
            CHECK(record["unmapped"]["revision"] > last);
            last = record["unmapped"]["revision"];
        }
    }
}

TEST_CASE("a failed audit between two never changes what is open", "[journal][property]")
{
    std::mt19937 random{7};
    Audits cluster{lively(), 2 * k_mib};
    const auto rows = random_audit(random, 1);
    cluster.audit(rows);
    const auto before = open_by_replay(cluster.told());
    REQUIRE(!before.empty());
    for (int i = 0; i < 3; ++i) {
        cluster.audit({}, [](report::Report& report) { report.results.clear(); });
        CHECK(open_by_replay(cluster.told()) == before);
    }
    cluster.audit(rows);
    CHECK(open_by_replay(cluster.told()) == before);
}

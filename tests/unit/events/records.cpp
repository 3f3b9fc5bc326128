// SPDX-License-Identifier: Apache-2.0
// Events as OCSF 1.6.0 records: what their classes ask for, and what hostile text must not do to them.
#include <algorithm>

#include <catch2/catch.hpp>

#include "events/event_uid.hpp"
#include "events/resource_name.hpp"
#include "events/sightings.hpp"
#include "unit/events/audits.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using check::Status;
using events::HealthCode;
using nlohmann::json;

namespace {

constexpr HealthCode k_health[] = {HealthCode::daemon_started, HealthCode::daemon_stopping, HealthCode::config_reloaded, HealthCode::config_refused,
                                   HealthCode::audit_failed,   HealthCode::sink_paused,     HealthCode::sink_recovered,  HealthCode::sink_disabled,
                                   HealthCode::events_dropped, HealthCode::spool_recovered, HealthCode::spool_failed};

struct ClassRule {
    int class_uid;
    int category;
    std::vector<std::string> required; ///< as JSON pointers
    std::vector<int> activities;
    std::vector<int> statuses;
};

// OCSF 1.6.0: base event, and the classes' own attributes.
const std::vector<std::string> k_base{"/activity_id", "/category_uid", "/class_uid", "/type_uid",         "/time",
                                      "/severity_id", "/metadata",     "/message",   "/metadata/product", "/metadata/version"};
const std::vector<ClassRule> k_rules{
    {2003, 2, {"/finding_info/uid", "/compliance/status_id", "/compliance/control", "/resources/0/name"}, {1, 2, 3}, {1, 2, 3, 4}},
    {6002, 6, {"/app/name"}, {3, 4, 99}, {1, 2}},
    {6007, 6, {"/scan/type_id", "/scan/uid"}, {2}, {1, 2}},
    {6008, 6, {}, {1, 99}, {1, 2}},
};

bool is_valid_line(const std::string& body)
{
    const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return std::ranges::none_of(body, bad) && json::parse(body, nullptr, false).is_object();
}

void check_record(const state::EventRow& row)
{
    CAPTURE(row.body);
    REQUIRE(is_valid_line(row.body));
    const auto record = json::parse(row.body);
    const auto rule = std::ranges::find(k_rules, record["class_uid"].get<int>(), &ClassRule::class_uid);
    REQUIRE(rule != k_rules.end());
    for (const auto& attribute : k_base)
        CHECK(record.contains(json::json_pointer(attribute)));
    // A failed audit has no report, and so no uid of a scan.
    if (row.code != "audit_failed")
        for (const auto& attribute : rule->required)
            CHECK(record.contains(json::json_pointer(attribute)));
    const int activity = record["activity_id"];
    CHECK(record["category_uid"] == rule->category);
    CHECK(record["type_uid"] == rule->class_uid * 100 + activity);
    CHECK((row.code == "audit_failed" || std::ranges::count(rule->activities, activity) == 1));
    CHECK(std::ranges::count(rule->statuses, record["status_id"].get<int>()) == 1);
    CHECK(record["time"].is_number_integer());
    CHECK(record["time"] > 1'700'000'000'000); // milliseconds
    const auto& metadata = record["metadata"];
    CHECK(metadata["version"] == "1.6.0");
    CHECK(metadata["product"]["version"] == "0.4.0");
    CHECK(metadata["tenant_uid"] == "c1");
    CHECK(metadata["uid"] == row.uid);
    CHECK(metadata["sequence"] == row.sequence);
    CHECK(metadata["event_code"] == row.code);
    CHECK(record["severity_id"] == row.severity);
    CHECK(record["unmapped"].is_object());
    if (row.event_class == "finding" && row.code != "finding_storm") {
        CHECK(record["finding_info"]["uid"] == row.finding);
        CHECK(record["metadata"].contains("correlation_uid"));
    } else {
        CHECK(row.finding.empty());
    }
}

/// Every kind of event that there is.
void tell_everything(Audits& cluster)
{
    cluster.audit({{.evidence = {{"pods", std::int64_t{3}}, {"ok", false}, {"share", 0.5}, {"names", std::vector<std::string>(9, "x")}}}});
    cluster.audit({{.status = Status::warn}});
    cluster.audit({{.exempt = true}});
    cluster.audit({{.status = Status::fail}});
    cluster.audit({{.status = Status::unknown, .reason = model::Reason::forbidden}});
    cluster.audit({{.status = Status::fail}});
    must(cluster.journal().request_snapshot());
    cluster.audit({{.status = Status::fail}});
    cluster.audit({{.status = Status::pass}});
    cluster.audit({{.status = Status::pass}});
    cluster.audit({{.status = Status::fail}});
    cluster.audit({{.status = Status::not_applicable}});
    cluster.audit({{.status = Status::not_applicable}});
    cluster.audit({{.name = "other"}});
    cluster.audit({});
    cluster.audit({});
    std::vector<Seen> many;
    for (int i = 0; i < 60; ++i)
        many.push_back({.name = "api-" + std::to_string(i)});
    cluster.audit(many);
    for (const auto code : k_health)
        must(cluster.journal().health(code, "what there is to say", {.subject = "soc", .reason = "unauthorized", .count = 3}));
}

} // namespace

TEST_CASE("every event has what its class requires", "[records]")
{
    Audits cluster;
    cluster.audit({});
    tell_everything(cluster);
    std::set<std::string> codes;
    for (const auto& row : cluster.rows()) {
        check_record(row);
        codes.insert(row.code);
    }
    CHECK(codes == std::set<std::string>{"finding_opened",   "finding_reopened", "finding_changed",  "finding_suppressed", "finding_unevaluated",
                                         "finding_resolved", "finding_flapping", "finding_snapshot", "finding_storm",      "audit_completed",
                                         "audit_failed",     "daemon_started",   "daemon_stopping",  "config_reloaded",    "config_refused",
                                         "sink_paused",      "sink_recovered",   "sink_disabled",    "events_dropped",     "spool_recovered",
                                         "spool_failed"});
}

TEST_CASE("activity and status are those of the event model", "[records]")
{
    struct Row {
        const char* code;
        int activity, status, compliance;
    };
    const std::vector<Row> rows{{"finding_opened", 1, 1, 3},
                                {"finding_changed", 2, 1, 3},
                                {"finding_unevaluated", 2, 1, 2},
                                {"finding_suppressed", 2, 3, 3},
                                {"finding_resolved", 3, 4, 1}};
    Audits cluster;
    cluster.calm();
    cluster.audit({{.status = Status::fail}});
    cluster.audit({{.status = Status::warn}});
    cluster.audit({{.status = Status::unknown}});
    cluster.audit({{.exempt = true}});
    cluster.audit({{.status = Status::pass}});
    cluster.audit({{.status = Status::pass}});
    for (const auto& [code, activity, status, compliance] : rows) {
        CAPTURE(code);
        const auto record = cluster.last(code);
        CHECK(record["activity_id"] == activity);
        CHECK(record["status_id"] == status);
        CHECK(record["compliance"]["status_id"] == compliance);
    }
}

TEST_CASE("a finding says what, where, why and what to do", "[records]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.evidence = {{"names", std::vector<std::string>{"a", "b", "c", "d", "e", "f"}}}}}, [](report::Report& report) {
        auto& ns = report.namespaces.emplace_back();
        ns.name = report.texts.intern("shop");
        ns.tenant = report.texts.intern("team-green");
    });
    const auto record = cluster.last("finding_opened");
    CHECK(record["message"] == "netpol-deny FAIL Deployment/shop/api (harbour): is not as it should be");
    CHECK(record["finding_info"]["title"] == "Namespace has no default-deny");
    CHECK(record["finding_info"]["desc"] == "Every pod can reach every other.");
    CHECK(record["compliance"]["requirements"] == json{"CIS 5.3.2"});
    CHECK(record["compliance"]["standards"] == json{"CIS Kubernetes Benchmark"});
    CHECK(record["remediation"]["references"] == json{"https://kubernetes.io/docs/concepts/"});
    CHECK(record["remediation"]["desc"].get<std::string>().find("\n\n  kind: NetworkPolicy") != std::string::npos);
    CHECK(record["evidences"][0]["data"]["names"].size() == 5);
    CHECK(record["evidences"][0]["data"]["names_total"] == 6);
    const auto& resource = record["resources"][0];
    CHECK(resource["uid"] == "uid-api");
    CHECK(resource["namespace"] == "shop");
    CHECK(resource["owner"]["name"] == "team-green");
    CHECK(resource["data"]["kind"] == "Deployment");
    CHECK(!resource.contains("labels"));
    CHECK(record["metadata"]["logged_time"] == record["time"].get<std::int64_t>() + 29);

    const auto row = cluster.rows().front();
    CHECK(row.control == "network-policies");
    CHECK(row.check == "netpol-deny");
    CHECK(row.ns == "shop");
}

TEST_CASE("only the labels that were chosen are told", "[records]")
{
    config::Events settings;
    settings.labels = {"team", "app.kubernetes.io/*"};
    Audits cluster{settings};
    cluster.calm();
    cluster.facts = [](const report::Object&) -> events::ObjectFacts {
        return {.changed = {}, .labels = {{"team", "green"}, {"app.kubernetes.io/name", "api"}, {"secret", "x"}}};
    };
    cluster.audit({{.status = Status::fail}});
    CHECK(cluster.last("finding_opened")["resources"][0]["labels"] == json{"team:green", "app.kubernetes.io/name:api"});
}

TEST_CASE("hostile text stays text, and short", "[records][hostile]")
{
    using namespace std::string_literals;
    const std::string hostile = "\"\\\n\r\t\x1b[31m\x7f\xff\xc0\xaf\xe2\x80\xae\xe2\x80\xa8</script>"s + '\0' + std::string(65'536, 'x');
    Audits cluster;
    cluster.calm();
    const Seen row{.name = hostile,
                   .ns = hostile.substr(0, 60),
                   .kind = hostile.substr(0, 30),
                   .evidence = {{hostile, hostile}, {"list", std::vector<std::string>(100, hostile)}},
                   .message = hostile,
                   .uid = hostile};
    cluster.audit({row});
    cluster.audit({{.name = hostile, .ns = hostile.substr(0, 60), .kind = hostile.substr(0, 30), .exempt = true}});
    cluster.audit({});
    cluster.audit({});
    must(cluster.journal().health(HealthCode::sink_paused, hostile, {.subject = hostile, .reason = hostile}));
    const auto rows = cluster.rows();
    CHECK(rows.size() == 8);
    for (const auto& event : rows) {
        CHECK(is_valid_line(event.body));
        CHECK(event.body.size() < 8'000);
        CHECK(event.body.find("\xe2\x80\xae") == std::string::npos);
        CHECK(event.body.find("\\u001b") == std::string::npos);
    }
    CHECK(cluster.last("finding_resolved")["unmapped"]["to"] == "not_applicable");
}

TEST_CASE("an audit is told with its numbers", "[records]")
{
    Audits cluster;
    cluster.calm();
    cluster.audit({{.name = "a"}, {.name = "b", .exempt = true}, {.check = "image-tag", .status = Status::unknown}}, [](report::Report& report) {
        report.complete = false;
        report.gaps.push_back({"secrets", "*", model::Reason::forbidden, "no"});
        report.score.score = 61.5;
    });
    const auto record = cluster.last("audit_completed");
    CHECK(record["type_uid"] == 600702);
    CHECK(record["total"] == 4);
    CHECK(record["num_detections"] == 1);
    CHECK(record["num_resolutions"] == 0);
    CHECK(record["num_skipped_items"] == 1);
    CHECK(record["duration"] == 1'500);
    CHECK(record["end_time"].get<std::int64_t>() - record["start_time"].get<std::int64_t>() == 1'500);
    CHECK(record["status_code"] == "incomplete");
    CHECK(record["unmapped"]["open"] == 1);
    CHECK(record["unmapped"]["suppressed"] == 1);
    CHECK(record["unmapped"]["findings_by_severity"]["high"] == 1);
    CHECK(record["unmapped"]["score"] == 61.5);
    CHECK(record["unmapped"]["instance"] == "seaworthy-0");
}

TEST_CASE("health events have the classes and codes of the event model", "[records]")
{
    struct Row {
        HealthCode code;
        int type;
        const char* event_class;
    };
    const std::vector<Row> rows{{HealthCode::daemon_started, 600203, "health"}, {HealthCode::daemon_stopping, 600204, "health"},
                                {HealthCode::audit_failed, 600706, "summary"},  {HealthCode::sink_paused, 600801, "health"},
                                {HealthCode::events_dropped, 600801, "health"}, {HealthCode::spool_recovered, 600801, "health"},
                                {HealthCode::spool_failed, 600801, "health"}};
    Audits cluster;
    for (const auto& [code, type, event_class] : rows) {
        must(cluster.journal().health(code, "words"));
        must(cluster.journal().health(code, "words")); // another one, not the same
        const auto events = cluster.rows();
        CHECK(events.size() == 2);
        CHECK(events.back().event_class == event_class);
        CHECK(cluster.last(events::name(code))["type_uid"] == type);
        cluster.forget();
    }
}

TEST_CASE("a crash between two transactions loses nothing and tells nothing twice", "[journal][crash]")
{
    config::Events settings;
    settings.baseline = config::Events::Baseline::emit;
    for (const int transactions : {0, 1, 2}) {
        CAPTURE(transactions);
        Spool spool{32 * k_mib};
        auto store = spool.open();
        must(store->set_sinks({"siem"}));
        Audits maker;
        std::vector<Seen> many;
        for (int i = 0; i < 2'500; ++i)
            many.push_back({.name = "api-" + std::to_string(i)});
        const auto report = maker.report(many);
        {
            // Each transaction asks for the time first: there the process ends.
            int left = transactions;
            events::Journal journal{*store, settings, {"harbour", "c1", "i", "1"}, two_controls(), [&]() -> state::Milliseconds {
                                        if (left-- == 0) throw std::runtime_error("the end");
                                        return 1'787'303'644'000;
                                    }};
            CHECK_THROWS_AS(journal.record(*report), std::runtime_error);
        }
        store.reset();
        store = spool.open();
        const auto before = waiting(*store, "siem", 400).size();
        CHECK(before == static_cast<std::size_t>(transactions) * 1'000);
        events::Journal journal{*store, settings, {"harbour", "c1", "i", "1"}, two_controls()};
        CHECK(must(journal.record(*report)).of("finding_opened") == 2'500 - before);
        std::set<std::string> findings;
        for (const auto& row : waiting(*store, "siem", 400))
            if (row.code == "finding_opened") CHECK(findings.insert(row.finding).second);
        CHECK(findings.size() == 2'500);
        CHECK(must(journal.record(*report)).total() == 0);
    }
}

TEST_CASE("uids are UUIDs of version 8, and no two lists of parts make the same", "[records]")
{
    const auto uid = events::event_uid({"c1", "f1:ab", "1", "1"});
    CHECK(uid == events::event_uid({"c1", "f1:ab", "1", "1"}));
    CHECK(uid.size() == 36);
    CHECK(uid[14] == '8');
    CHECK(std::string{"89ab"}.find(uid[19]) != std::string::npos);
    CHECK(events::event_uid({"a", "bc"}) != events::event_uid({"ab", "c"}));
    CHECK(events::event_uid({"a", ""}) != events::event_uid({"a"}));
}

TEST_CASE("a resource's name is read as it was written", "[records]")
{
    const std::vector<events::ResourceName> names{{"apps/v1", "Deployment", "shop", "api"},
                                                  {"v1", "Namespace", "", "shop"},
                                                  {"seaworthy.dev/v1", "Registry", "", "host:5000/path"},
                                                  {"seaworthy.dev/v1", "Cluster", "", ""},
                                                  {"", "Thing", "", "x"}};
    for (const auto& name : names) {
        const auto read = events::ResourceName::parse(name.path());
        CHECK(read.api_version == name.api_version);
        CHECK(read.kind == name.kind);
        CHECK(read.ns == name.ns);
        CHECK(read.name == name.name);
    }
    CHECK(names[0].path() == "apps/v1/Deployment/shop/api");
    CHECK(names[0].for_people() == "Deployment/shop/api");
    CHECK(names[1].for_people() == "Namespace/shop");
}

TEST_CASE("of two results on one object the one that says more speaks", "[journal]")
{
    Audits cluster;
    cluster.calm();
    CHECK(cluster.audit({{.status = Status::pass}, {.exempt = true}, {.status = Status::fail}, {.status = Status::warn}}) ==
          std::vector<std::string>{"finding_opened"});
    CHECK(cluster.audit({{.status = Status::warn}, {.status = Status::fail, .exempt = true}}) == std::vector<std::string>{"finding_suppressed"});
}

// SPDX-License-Identifier: Apache-2.0
// The formats that are JSON, and what holds for all of them. CEF and LEEF: encoding_lines.cpp.
#include <array>
#include <chrono>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "encoding_samples.hpp"
#include "events/record_view.hpp"
#include "seaworthy/events/encoding.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using events::Format;

namespace {

constexpr std::array k_all{Format::ocsf, Format::ecs, Format::cef, Format::leef, Format::cloudevents, Format::otlp, Format::json};
constexpr std::array k_json{Format::ocsf, Format::ecs, Format::cloudevents, Format::otlp, Format::json};

Json encoded(Format format, const Json& record)
{
    return Json::parse(events::encode(format, record.dump()));
}

/// The value that an AnyValue stands for: what a collector reads.
Json read_any(const Json& any)
{
    REQUIRE(any.is_object());
    REQUIRE(any.size() <= 1);
    if (any.empty()) return nullptr;
    const auto& kind = any.begin().key();
    const auto& value = any.begin().value();
    if (kind == "stringValue" && value.is_string()) return value;
    if (kind == "boolValue" && value.is_boolean()) return value;
    if (kind == "doubleValue" && value.is_number()) return value;
    if (kind == "intValue") return std::stoll(value.get<std::string>());
    Json result = kind == "arrayValue" ? Json::array() : Json::object();
    for (const auto& item : value.at("values")) {
        if (kind == "arrayValue") {
            result.push_back(read_any(item));
        } else {
            REQUIRE(kind == "kvlistValue");
            REQUIRE(!result.contains(item.at("key").get<std::string>()));
            result[item.at("key").get<std::string>()] = read_any(item.at("value"));
        }
    }
    return result;
}

} // namespace

TEST_CASE("formats are found by the name that they have", "[encoding]")
{
    std::set<std::string_view> names;
    for (const auto format : k_all) {
        names.insert(events::name(format));
        CHECK(events::find_format(events::name(format)) == format);
    }

    CHECK(names == std::set<std::string_view>{"ocsf", "ecs", "cef", "leef", "cloudevents", "otlp", "json"});
    for (const auto* unknown : {"", "OCSF", "cef ", "native", "xml"})
        CHECK(!events::find_format(unknown));
}

TEST_CASE("OCSF is the record, byte for byte", "[encoding][ocsf]")
{
    const std::string odd_order = R"({"time":1,"b":[1, 2],"a":{"z":1.50,"y":"\u00e9\/"}})";

    CHECK(events::encode(Format::ocsf, odd_order) == odd_order);
    for (const auto& record : all_records())
        CHECK(events::encode(Format::ocsf, record.dump()) == record.dump());
}

TEST_CASE("a record written over several lines becomes one line of the same value", "[encoding]")
{
    for (const auto& record : all_records())
        for (const auto format : k_all)
            CHECK(events::encode(format, "\xEF\xBB\xBF" + record.dump(2) + "\r\n").find_first_of("\r\n") == std::string::npos);
    CHECK(encoded(Format::ocsf, finding_record()) == Json::parse(events::encode(Format::ocsf, finding_record().dump(4))));
}

TEST_CASE("what is no JSON object gives nothing", "[encoding]")
{
    using namespace std::string_literals;
    const auto nested = [](std::size_t depth) { return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"; };
    const std::vector<std::string> junk{"",
                                        " ",
                                        "null",
                                        "1",
                                        "\"text\"",
                                        "[]",
                                        "[{}]",
                                        "{",
                                        "}",
                                        "{}}",
                                        "{}{}",
                                        "{a:1}",
                                        "{\"a\":1,}",
                                        "{\"a\":NaN}",
                                        "{\"a\":1e999}",
                                        "{\"a\":\"\n\"}",
                                        "{}\0"s,
                                        "{}\0junk"s,
                                        "{\"a\":\"\0\"}"s,
                                        "\xFF",
                                        "\xFF{}",
                                        "{\"a\":\xFF}",
                                        "{\"a\":\"\xFF}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":",
                                        "<x/>",
                                        "{]",
                                        "{\"a\"",
                                        nested(100),
                                        nested(1'000'000),
                                        std::string(1'000'000, '['),
                                        std::string(1'000'000, '{')};
    for (const auto& text : junk) {
        CAPTURE(text.substr(0, 40));
        for (const auto format : k_all)
            CHECK(events::encode(format, text).empty());
        CHECK(!events::shrink(text, 10'000'000));
    }
}

TEST_CASE("an object that is no event is encoded without a fault", "[encoding]")
{
    const std::vector<std::string> objects{
        "{}",
        R"({"metadata":1,"time":"now","severity_id":"high","finding_info":[],"compliance":null,"resources":{},"unmapped":[],"message":{}})",
        R"({"metadata":{"uid":[],"sequence":1.5,"product":"x","event_code":{}},"time":-1,"severity_id":18446744073709551615,"resources":[]})",
        R"({"time":9223372036854775807,"metadata":{"sequence":18446744073709551615,"logged_time":253402300799999},"resources":[1,2]})",
        R"({"time":1e300,"start_time":true,"end_time":253402300800000,"resources":[{"data":"text"}],"compliance":{"status_id":null}})",
    };
    for (const auto& text : objects) {
        for (const auto format : k_all)
            CHECK(is_safe_line(events::encode(format, text), "\t"));
        for (const auto format : k_json)
            CHECK(Json::parse(events::encode(format, text)).is_object());
    }
    CHECK(Json::parse(events::encode(Format::ecs, objects[3]))["@timestamp"] == "9999-12-31T23:59:59.999Z");
    CHECK(events::iso_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(events::iso_time(-1) == "1969-12-31T23:59:59.999Z");
    CHECK(events::iso_time(-1'000) == "1969-12-31T23:59:59.000Z");
    CHECK(events::iso_time(-86'400'001) == "1969-12-30T23:59:59.999Z");
    CHECK(Json::parse(events::encode(Format::otlp, objects[3]))["timeUnixNano"] == "253402300799999000000");
}

TEST_CASE("hostile texts are one line of valid UTF-8 in every format and keep their value in JSON", "[encoding]")
{
    std::mt19937 random{20260116}; // NOLINT: the same texts in each run
    std::vector<std::string> texts;
    for (int round = 0; round < 300; ++round)
        texts.push_back(hostile_text(random, 1 + random() % 40));
    std::string large;
    while (large.size() < 1'000'000)
        large += hostile_text(random, 1000);
    texts.push_back(large);

    for (const auto& text : texts) {
        const auto record = text.size() < 10'000 ? hostile_finding(text) : hostile_message(text);
        for (const auto format : k_all) {
            const auto line = events::encode(format, record);
            CHECK(!line.empty());
            CHECK(is_safe_line(line, format == Format::leef ? "\t" : ""));
        }
        // The reference: nlohmann's own repair of the broken UTF-8, with nothing taken out.
        const auto whole = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
        const auto ocsf = Json::parse(events::encode(Format::ocsf, record));
        CHECK(collapsed(ocsf["message"]) == collapsed(whole));
        CHECK(Json::parse(events::encode(Format::ecs, record))["ocsf"] == ocsf);
        CHECK(Json::parse(events::encode(Format::cloudevents, record))["data"] == ocsf);
        CHECK(Json::parse(events::encode(Format::json, record))["message"] == ocsf["message"]);
        CHECK(read_any(Json::parse(events::encode(Format::otlp, record))["body"]) == ocsf);
    }
}

TEST_CASE("a finding in ECS has the fields that rules look at", "[encoding][ecs]")
{
    const auto ecs = encoded(Format::ecs, finding_record());

    CHECK(ecs["@timestamp"] == "2026-08-21T09:14:03.482Z");
    CHECK(ecs["ecs"]["version"] == "8.11.0");
    const Json event{{"id", "f768bb63-0000-8000-8000-000000000003"},
                     {"kind", "alert"},
                     {"category", {"configuration"}},
                     {"type", {"info"}},
                     {"action", "finding_opened"},
                     {"outcome", "failure"},
                     {"reason", "no_isolating_policy"},
                     {"module", "seaworthy"},
                     {"sequence", 4182},
                     {"severity", 4},
                     {"created", "2026-08-21T09:14:03.511Z"}};
    CHECK(ecs["event"] == event);
    const Json rule{{"id", "netpol-ns-default-deny-ingress"},
                    {"name", "Namespace has no default-deny for ingress"},
                    {"version", "3"},
                    {"category", "Network"},
                    {"ruleset", "network-policies"}};
    CHECK(ecs["rule"] == rule);
    const Json orchestrator{{"type", "kubernetes"},
                            {"cluster", {{"id", "6f1c8a52-0000-4000-8000-000000000002"}, {"name", "prod-eu-1"}}},
                            {"namespace", "payments"},
                            {"api_version", "v1"},
                            {"resource", {{"type", "Namespace"}, {"name", "payments"}, {"id", "3b8f0e2a-0000-4000-8000-000000000004"}}}};
    CHECK(ecs["orchestrator"] == orchestrator);
    CHECK(ecs["observer"] == Json{{"vendor", "seaworthy project"}, {"product", "seaworthy"}, {"version", "0.4.0"}});
    CHECK(ecs["message"] == "14 pods, no NetworkPolicy isolates ingress");
    CHECK(ecs["ocsf"] == finding_record());
}

TEST_CASE("ECS tells alerts, outcomes and categories apart", "[encoding][ecs]")
{
    for (const auto& [code, kind] : std::map<std::string, std::string>{{"finding_opened", "alert"},
                                                                       {"finding_reopened", "alert"},
                                                                       {"finding_changed", "event"},
                                                                       {"finding_resolved", "event"},
                                                                       {"finding_snapshot", "event"}}) {
        auto record = finding_record();
        record["metadata"]["event_code"] = code;
        CHECK(encoded(Format::ecs, record)["event"]["kind"] == kind);
    }
    for (const auto& [status, outcome] :
         std::map<int, std::string>{{0, "unknown"}, {1, "success"}, {2, "unknown"}, {3, "failure"}, {99, "unknown"}}) {
        auto record = finding_record();
        record["compliance"]["status_id"] = status;
        CHECK(encoded(Format::ecs, record)["event"]["outcome"] == outcome);
    }
    const auto audit = encoded(Format::ecs, audit_record())["event"];
    CHECK(audit["category"] == Json{"configuration"});
    CHECK(audit["outcome"] == "success");
    CHECK(audit["start"] == "2026-08-21T09:14:00.000Z");
    const auto start = encoded(Format::ecs, start_record())["event"];
    CHECK(start["category"] == Json{"process"});
    CHECK(start["type"] == Json{"start"});
    CHECK(start["outcome"] == "unknown");
    const auto error = encoded(Format::ecs, error_record())["event"];
    CHECK(error["type"] == Json{"info"});
    CHECK(error["outcome"] == "failure");
}

TEST_CASE("a CloudEvent has the attributes of 1.0 and the record as an object", "[encoding][cloudevents]")
{
    auto event = encoded(Format::cloudevents, finding_record());

    CHECK(event["data"] == finding_record());
    event.erase("data");
    const Json attributes{{"specversion", "1.0"},
                          {"id", "f768bb63-0000-8000-8000-000000000003"},
                          {"source", "/seaworthy/clusters/6f1c8a52-0000-4000-8000-000000000002"},
                          {"type", "seaworthy.finding_opened"},
                          {"time", "2026-08-21T09:14:03.482Z"},
                          {"subject", "f1:9c0a3c3b"},
                          {"datacontenttype", "application/json"},
                          {"dataschema", "https://schema.ocsf.io/1.6.0/classes/compliance_finding"}};
    CHECK(event == attributes);
}

TEST_CASE("a CloudEvent's attributes are never empty, whatever the record lacks", "[encoding][cloudevents]")
{
    auto records = all_records();
    records.push_back(Json::object());
    records.push_back({{"metadata", {{"uid", ""}, {"tenant_uid", "a b/../\xC3\xA9?#"}, {"event_code", ""}}}});
    for (const auto& record : records) {
        const auto event = encoded(Format::cloudevents, record);
        for (const auto& [key, value] : event.items())
            if (key != "data") CHECK(!value.get<std::string>().empty());
        for (const auto* key : {"specversion", "id", "source", "type"})
            CHECK(event.contains(key));
    }
    CHECK(encoded(Format::cloudevents, records.back())["source"] == "/seaworthy/clusters/a%20b%2F..%2F%C3%A9%3F%23");
    CHECK(encoded(Format::cloudevents, records[4])["id"] != encoded(Format::cloudevents, records[5])["id"]);
}

TEST_CASE("an OTLP record has times as strings, severities as numbers and the whole record as body", "[encoding][otlp]")
{
    for (const auto& record : all_records()) {
        const auto log_record = encoded(Format::otlp, record);
        CHECK(log_record["timeUnixNano"] == std::to_string(record["time"].get<long long>()) + "000000");
        CHECK(log_record["observedTimeUnixNano"] == "1787303643511000000");
        CHECK(log_record["severityNumber"].is_number_integer());
        CHECK(log_record["severityText"] == record["severity"]);
        CHECK(log_record["eventName"] == "seaworthy." + record["metadata"]["event_code"].get<std::string>());
        CHECK(read_any(log_record["body"]) == record);
    }

    std::map<std::string, Json> attributes;
    const auto finding = encoded(Format::otlp, finding_record());
    for (const auto& attribute : finding["attributes"])
        CHECK(attributes.emplace(attribute["key"], read_any(attribute["value"])).second);
    CHECK(attributes["k8s.cluster.name"] == "prod-eu-1");
    CHECK(attributes["k8s.namespace.name"] == "payments");
    CHECK(attributes["seaworthy.event.sequence"] == 4182);
    CHECK(attributes["seaworthy.check"] == "netpol-ns-default-deny-ingress");
    CHECK(attributes["seaworthy.status"] == "Fail");

    for (const auto& [id, number] : std::map<int, int>{{0, 0}, {1, 9}, {2, 10}, {3, 13}, {4, 17}, {5, 18}, {6, 21}, {99, 0}}) {
        auto record = finding_record();
        record["severity_id"] = id;
        CHECK(encoded(Format::otlp, record)["severityNumber"] == number);
    }
}

TEST_CASE("flat JSON has no member that is an object or an array", "[encoding][json]")
{
    for (const auto& record : all_records()) {
        const auto flat = encoded(Format::json, record);
        for (const auto& value : flat)
            CHECK(value.is_primitive());
    }

    const auto finding = encoded(Format::json, finding_record());
    CHECK(finding["time"] == "2026-08-21T09:14:03.482Z");
    CHECK(finding["event"] == "finding_opened");
    CHECK(finding["check"] == "netpol-ns-default-deny-ingress");
    CHECK(finding["severity"] == "High");
    CHECK(finding["status"] == "Fail");
    CHECK(finding["namespace"] == "payments");
    CHECK(finding["resource_name"] == "payments");
    CHECK(finding["cluster"] == "prod-eu-1");
    CHECK(finding["transition"] == "opened");
    CHECK(finding["episode"] == 1);
    const auto audit = encoded(Format::json, audit_record());
    CHECK(audit["total"] == 812);
    CHECK(audit["detections"] == 17);
    CHECK(audit["cluster"] == "prod-eu-1");
    CHECK(audit["end_time"] == "2026-08-21T09:14:04.000Z");
}

TEST_CASE("what OCSF has no place for does not overwrite flat JSON's own members", "[encoding][json]")
{
    auto record = finding_record();
    record["unmapped"] = {{"check", "forged"}, {"time", 0}, {"outcome", "success"}, {"deep", {{"a", 1}}}, {"note", "kept"}};

    const auto flat = encoded(Format::json, record);

    CHECK(flat["check"] == "netpol-ns-default-deny-ingress");
    CHECK(flat["time"] == "2026-08-21T09:14:03.482Z");
    CHECK(flat["outcome"] == "failure");
    CHECK(flat["note"] == "kept");
    CHECK(!flat.contains("deep"));
}

TEST_CASE("a record of many members takes no time with the square of their number", "[encoding]")
{
    auto record = finding_record();
    for (int i = 0; i < 100'000; ++i)
        record["unmapped"]["member" + std::to_string(i)] = i;
    const auto text = record.dump();

    const auto start = std::chrono::steady_clock::now();
    for (const auto format : k_all)
        CHECK(!events::encode(format, text).empty());
    CHECK(events::shrink(text, text.size() - 1));

    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{30}); // hours, if it did
}

TEST_CASE("ten thousand records of 4 kB are encoded, a seventh of them in each format", "[encoding]")
{
    auto record = finding_record();
    record["evidences"][0]["data"]["fill"] = std::string(4096 - record.dump().size(), 'x');
    const auto text = record.dump();

    const auto start = std::chrono::steady_clock::now();
    std::size_t whole = 0;
    for (std::size_t i = 0; i < 10'000; ++i)
        whole += events::encode(k_all[i % k_all.size()], text).empty() ? 0U : 1U;

    CHECK(whole == 10'000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes{5}); // with sanitizers, on a busy machine
}

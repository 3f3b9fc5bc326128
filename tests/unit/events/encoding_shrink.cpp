// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "encoding_samples.hpp"
#include "seaworthy/events/encoding.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

/// What OCSF 1.6 requires of these classes and of the objects in them that a shrunk record keeps.
void check_required(const Json& record)
{
    for (const auto* key : {"activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id"})
        CHECK(record.contains(key));
    CHECK(record["metadata"].contains("version"));
    CHECK(record["metadata"].contains("product"));
    if (record["class_uid"] == 2003) {
        CHECK(record["finding_info"].contains("uid"));
        CHECK(record["finding_info"]["analytic"].contains("type_id"));
        CHECK(record["compliance"].contains("status_id"));
    }
    if (record["class_uid"] == 6007) CHECK(record["scan"].contains("type_id"));
    if (record["class_uid"] == 6002) CHECK(record.contains("app"));
    if (record.contains("remediation")) CHECK(record["remediation"].contains("desc"));
}

/// How much of what may be left out is there: one bit for each step.
unsigned parts(const Json& record)
{
    const bool described = record.contains("remediation") || record["finding_info"].contains("desc");
    return (record.contains("evidences") ? 1U : 0U) | (record.contains("observables") ? 2U : 0U) | (described ? 4U : 0U) |
           (record["resources"][0].contains("labels") ? 8U : 0U);
}

} // namespace

TEST_CASE("a record is shrunk to any size or not at all", "[shrink]")
{
    for (const auto& record : all_records()) {
        const auto text = record.dump();
        bool fitted = false;
        for (std::size_t size = 0; size <= text.size() + 100; ++size) {
            const auto shrunk = events::shrink(text, size);
            if (!shrunk) {
                if (fitted) FAIL("more room, and it does not fit");
                continue;
            }
            fitted = true;
            REQUIRE(shrunk->size() <= size);
            const auto result = Json::parse(*shrunk);
            check_required(result);
            if (size >= text.size()) {
                REQUIRE(*shrunk == text);
            } else {
                REQUIRE(result["metadata"]["is_truncated"] == true);
                REQUIRE(result["metadata"]["untruncated_size"] == (text.size() + 1023) / 1024);
                for (const auto* key : {"uid", "sequence", "event_code", "tenant_uid", "correlation_uid"})
                    REQUIRE(result["metadata"][key] == record["metadata"][key]);
                REQUIRE(result["message"] == record["message"]);
            }
        }
        CHECK(fitted);
    }
}

TEST_CASE("evidences go first, then observables, descriptions and labels", "[shrink]")
{
    const auto text = finding_record().dump();
    std::vector<unsigned> seen;
    for (auto size = text.size(); size > 0; --size) {
        const auto shrunk = events::shrink(text, size);
        if (!shrunk) break;
        const auto left = parts(Json::parse(*shrunk));
        if (seen.empty() || seen.back() != left) seen.push_back(left);
    }
    // Where leaving out one part makes no room for the two members that say so, the next goes with it.
    CHECK(seen.front() == 15);
    CHECK(seen.back() == 0);
    for (std::size_t i = 1; i < seen.size(); ++i)
        CHECK((seen[i] == 14 || seen[i] == 12 || seen[i] == 8 || seen[i] == 0));
}

TEST_CASE("a text that must stay can be too long for any shrinking", "[shrink]")
{
    auto record = finding_record();
    record["message"] = std::string(10'000, 'm');

    CHECK(!events::shrink(record.dump(), 8'000));
    CHECK(events::shrink(record.dump(), 20'000));
}

TEST_CASE("a record that was shrunk before says how large it was at first", "[shrink]")
{
    auto record = finding_record();
    record["evidences"][0]["data"]["fill"] = std::string(50'000, 'x');
    const auto once = events::shrink(record.dump(), 8'000);
    REQUIRE(once);
    const auto first = Json::parse(*once)["metadata"]["untruncated_size"];

    const auto twice = events::shrink(*once, once->size() - 1);

    REQUIRE(twice);
    CHECK(first == 51);
    CHECK(Json::parse(*twice)["metadata"]["untruncated_size"] == first);
}

TEST_CASE("hostile texts are shrunk to one safe line", "[shrink]")
{
    std::mt19937 random{99}; // NOLINT: the same texts in each run
    for (int round = 0; round < 100; ++round) {
        const auto record = hostile_finding(hostile_text(random, 1 + random() % 40));
        for (std::size_t size = 500; size < record.size(); size += 37) {
            const auto shrunk = events::shrink(record, size);
            if (!shrunk) continue;
            CHECK(shrunk->size() <= size);
            CHECK(is_safe_line(*shrunk));
            check_required(Json::parse(*shrunk));
        }
    }
}

TEST_CASE("a record of odd shape is shrunk without a fault", "[shrink]")
{
    const std::string fill(200, 'x');
    for (const auto* shape : {R"({"evidences":"F"})", R"({"metadata":{},"evidences":["F"],"resources":[1,null,{"labels":"F"}]})",
                              R"({"finding_info":"x","compliance":[],"resources":{"labels":"F"},"remediation":"F"})"}) {
        std::string text = shape;
        for (auto at = text.find('F'); at != std::string::npos; at = text.find('F'))
            text.replace(at, 1, fill);
        const auto shrunk = events::shrink(text, 200);
        REQUIRE(shrunk);
        CHECK(Json::parse(*shrunk)["metadata"]["is_truncated"] == true);
    }
    CHECK(!events::shrink(R"({"metadata":1,"evidences":["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]})", 80));
}

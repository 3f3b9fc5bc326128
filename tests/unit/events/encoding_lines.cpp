// SPDX-License-Identifier: Apache-2.0
// CEF and LEEF, read back by parsers that know the formats' documentation and nothing of the encoders.
#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "encoding_samples.hpp"
#include "seaworthy/events/encoding.hpp"

using namespace seaworthy;
using namespace seaworthy::test;
using events::Format;

namespace {

struct Line {
    std::vector<std::string> header; ///< with what stands before the first pipe
    std::map<std::string, std::string> fields;
};

bool is_key(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

/// Implementing ArcSight CEF: seven pipes end the header, in which \\ and \| are escapes; in the extension \\, \=, \n and \r are. A key is
/// the word before an equals sign that is not escaped, and the value before it ends at the space in front of that word.
Line parse_cef(std::string_view text)
{
    Line line;
    std::string part;
    while (line.header.size() < 7) {
        REQUIRE(!text.empty());
        if (text.front() == '\\') {
            REQUIRE(text.size() > 1);
            REQUIRE((text[1] == '\\' || text[1] == '|'));
            part += text[1];
            text.remove_prefix(2);
        } else {
            if (text.front() != '|')
                part += text.front();
            else
                line.header.push_back(std::exchange(part, {}));
            text.remove_prefix(1);
        }
    }

    std::vector<std::size_t> signs;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '=')
            signs.push_back(i);
    }
    std::vector<std::size_t> starts;
    for (const auto sign : signs) {
        const auto space = text.substr(0, sign).rfind(' ');
        starts.push_back(space == std::string_view::npos ? 0 : space + 1);
        REQUIRE(is_key(text.substr(starts.back(), sign - starts.back())));
    }
    for (std::size_t i = 0; i < signs.size(); ++i) {
        const auto end = i + 1 < starts.size() ? starts[i + 1] - 1 : text.size();
        std::string value;
        for (std::size_t at = signs[i] + 1; at < end; ++at) {
            if (text[at] != '\\') {
                value += text[at];
                continue;
            }
            REQUIRE(++at < end);
            REQUIRE(std::string_view{"\\=nr"}.find(text[at]) != std::string_view::npos);
            value += text[at] == 'n' ? '\n' : text[at] == 'r' ? '\r' : text[at];
        }
        REQUIRE(line.fields.emplace(text.substr(starts[i], signs[i] - starts[i]), value).second);
    }
    return line;
}

/// IBM's LEEF guide, version 2: five pipes, then the delimiter as a character or as its code in hex, a pipe, and attributes, each of them a key,
/// an equals sign and all that is before the next delimiter.
Line parse_leef(std::string_view text)
{
    Line line;
    while (line.header.size() < 6) {
        const auto pipe = text.find('|');
        REQUIRE(pipe != std::string_view::npos);
        line.header.emplace_back(text.substr(0, pipe));
        text.remove_prefix(pipe + 1);
    }
    REQUIRE(line.header[5].starts_with("x"));
    const auto delimiter = static_cast<char>(std::stoi(line.header[5].substr(1), nullptr, 16));
    while (!text.empty()) {
        const auto end = std::min(text.find(delimiter), text.size());
        const auto attribute = text.substr(0, end);
        const auto sign = attribute.find('=');
        REQUIRE(sign != std::string_view::npos);
        REQUIRE(is_key(attribute.substr(0, sign)));
        REQUIRE(line.fields.emplace(attribute.substr(0, sign), attribute.substr(sign + 1)).second);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return line;
}

std::string without_breaks(std::string text)
{
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

std::string without_pipes(std::string text)
{
    std::ranges::replace(text, '|', ' ');
    return text;
}

void check_hostile(const std::string& text)
{
    const auto record = hostile_finding(text);
    const auto shown = readable(text);

    const auto cef = events::encode(Format::cef, record);
    CHECK(is_safe_line(cef));
    auto line = parse_cef(cef);
    CHECK(collapsed(line.header[1]) == without_breaks(shown));
    CHECK(collapsed(line.header[5]) == without_breaks(shown));
    for (const auto* key : {"msg", "cs1", "cs2", "cs4", "cs5", "dvchost", "act"})
        CHECK(collapsed(line.fields[key]) == shown);
    CHECK(line.fields["externalId"] == "f768bb63-0000-8000-8000-000000000003");
    CHECK(line.fields.size() == 22);

    const auto leef = events::encode(Format::leef, record);
    CHECK(is_safe_line(leef, "\t"));
    line = parse_leef(leef);
    CHECK(collapsed(line.header[1]) == without_pipes(without_breaks(shown)));
    CHECK(collapsed(line.header[4]) == without_pipes(without_breaks(shown)));
    for (const auto* key : {"msg", "finding", "policy", "resource", "namespace", "cluster"})
        CHECK(collapsed(line.fields[key]) == without_breaks(shown));
    CHECK(line.fields["eventUid"] == "f768bb63-0000-8000-8000-000000000003");
}

} // namespace

TEST_CASE("a finding in CEF has its header, time and custom fields", "[encoding][cef]")
{
    auto line = parse_cef(events::encode(Format::cef, finding_record().dump()));

    CHECK(line.header == std::vector<std::string>{"CEF:0", "seaworthy project", "seaworthy", "0.4.0", "netpol-ns-default-deny-ingress",
                                                  "Namespace has no default-deny for ingress", "8"});
    const std::map<std::string, std::string> expected{
        {"start", "1787303643482"},
        {"outcome", "failure"},
        {"externalId", "f768bb63-0000-8000-8000-000000000003"},
        {"act", "finding_opened"},
        {"cat", "Network"},
        {"dvchost", "prod-eu-1"},
        {"reason", "no_isolating_policy"},
        {"cn1", "4182"},
        {"cn1Label", "Sequence"},
        {"cs1", "f1:9c0a3c3b"},
        {"cs1Label", "Finding"},
        {"cs2", "network-policies"},
        {"cs2Label", "Control"},
        {"cs3", "v1/Namespace"},
        {"cs3Label", "Resource type"},
        {"cs4", "payments"},
        {"cs4Label", "Namespace"},
        {"cs5", "payments"},
        {"cs5Label", "Resource name"},
        {"cs6", "6f1c8a52-0000-4000-8000-000000000002"},
        {"cs6Label", "Cluster"},
        {"msg", "14 pods, no NetworkPolicy isolates ingress"},
    };
    CHECK(line.fields == expected);
}

TEST_CASE("a finding in LEEF has its header, time and attributes", "[encoding][leef]")
{
    auto line = parse_leef(events::encode(Format::leef, finding_record().dump()));

    CHECK(line.header == std::vector<std::string>{"LEEF:2.0", "seaworthy project", "seaworthy", "0.4.0", "finding_opened", "x09"});
    const std::map<std::string, std::string> expected{
        {"sev", "8"},
        {"devTime", "1787303643482"},
        {"cat", "netpol-ns-default-deny-ingress"},
        {"policy", "network-policies"},
        {"resource", "payments"},
        {"resourceType", "v1/Namespace"},
        {"resourceUid", "3b8f0e2a-0000-4000-8000-000000000004"},
        {"namespace", "payments"},
        {"cluster", "prod-eu-1"},
        {"clusterUid", "6f1c8a52-0000-4000-8000-000000000002"},
        {"eventUid", "f768bb63-0000-8000-8000-000000000003"},
        {"sequence", "4182"},
        {"finding", "f1:9c0a3c3b"},
        {"title", "Namespace has no default-deny for ingress"},
        {"category", "Network"},
        {"severity", "High"},
        {"status", "Fail"},
        {"reason", "no_isolating_policy"},
        {"msg", "14 pods, no NetworkPolicy isolates ingress"},
    };
    CHECK(line.fields == expected);
}

TEST_CASE("events that are no findings have whole headers in CEF and LEEF", "[encoding][cef][leef]")
{
    for (const auto& record : all_records()) {
        const auto cef = parse_cef(events::encode(Format::cef, record.dump()));
        const auto leef = parse_leef(events::encode(Format::leef, record.dump()));

        CHECK(std::ranges::none_of(cef.header, &std::string::empty));
        CHECK(std::ranges::none_of(leef.header, &std::string::empty));
        for (const auto* key : {"start", "outcome", "externalId", "act", "msg"})
            CHECK(cef.fields.contains(key));
        for (const auto* key : {"sev", "devTime", "cat", "eventUid", "msg"})
            CHECK(leef.fields.contains(key));
    }
}

TEST_CASE("severities lie within the scales of CEF and LEEF", "[encoding][cef][leef]")
{
    const std::vector<std::pair<int, std::pair<std::string, std::string>>> scale{{0, {"0", "1"}},   {1, {"1", "1"}},  {2, {"3", "3"}},
                                                                                 {3, {"5", "5"}},   {4, {"8", "8"}},  {5, {"10", "10"}},
                                                                                 {6, {"10", "10"}}, {99, {"0", "1"}}, {-7, {"0", "1"}}};
    for (const auto& [id, expected] : scale) {
        auto record = finding_record();
        record["severity_id"] = id;
        CHECK(parse_cef(events::encode(Format::cef, record.dump())).header[6] == expected.first);
        CHECK(parse_leef(events::encode(Format::leef, record.dump())).fields["sev"] == expected.second);
    }
}

TEST_CASE("what a separator or an escape is in CEF and LEEF comes back from either", "[encoding][cef][leef]")
{
    for (const auto* text :
         {"a|b", "a=b", "a\\b", "a\\", "\\", "\\\\", "a\\=b", "\\n", "a\nb", "a\r\nb", "\n", " a ", "  ", "a  cs1=b", "=", "|", "\tx=1\ty", "a\\|b"})
        check_hostile(text);
}

TEST_CASE("hostile texts come back from CEF and LEEF", "[encoding][cef][leef]")
{
    std::mt19937 random{20260115}; // NOLINT: the same texts in each run
    for (int round = 0; round < 400; ++round)
        check_hostile(hostile_text(random, 1 + random() % 40));
}

TEST_CASE("a hostile text of a megabyte comes back from CEF and LEEF", "[encoding][cef][leef]")
{
    std::mt19937 random{7}; // NOLINT: the same text in each run
    std::string text;
    while (text.size() < 1'000'000)
        text += hostile_text(random, 1000);
    const auto record = hostile_message(text);
    const auto cef = events::encode(Format::cef, record);
    const auto leef = events::encode(Format::leef, record);

    CHECK(is_safe_line(cef));
    CHECK(is_safe_line(leef, "\t"));
    // Not CHECK of the texts: a failure would print them.
    CHECK((collapsed(parse_cef(cef).fields["msg"]) == readable(text)));
    CHECK((collapsed(parse_leef(leef).fields["msg"]) == without_breaks(readable(text))));
}

TEST_CASE("an empty text leaves its field out of CEF and LEEF", "[encoding][cef][leef]")
{
    auto record = finding_record();
    record["message"] = "";
    record["resources"][0]["namespace"] = "";

    const auto cef = parse_cef(events::encode(Format::cef, record.dump()));
    const auto leef = parse_leef(events::encode(Format::leef, record.dump()));

    for (const auto* key : {"msg", "cs4", "cs4Label"})
        CHECK(!cef.fields.contains(key));
    for (const auto* key : {"msg", "namespace"})
        CHECK(!leef.fields.contains(key));
}

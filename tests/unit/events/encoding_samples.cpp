// SPDX-License-Identifier: Apache-2.0
#include "encoding_samples.hpp"

#include <array>
#include <optional>
#include <utility>

namespace seaworthy::test {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";
constexpr std::string_view k_place = "@@@"; ///< where a text goes that nlohmann would not write

Json metadata(std::string_view uid, int sequence, std::string_view code)
{
    return {{"version", "1.6.0"},
            {"uid", uid},
            {"sequence", sequence},
            {"event_code", code},
            {"correlation_uid", "0198f3c2-0000-7000-8000-000000000001"},
            {"logged_time", 1787303643511},
            {"log_name", "findings"},
            {"tenant_uid", "6f1c8a52-0000-4000-8000-000000000002"},
            {"labels", {"event_schema:1"}},
            {"product", {{"name", "seaworthy"}, {"vendor_name", "seaworthy project"}, {"uid", "seaworthy"}, {"version", "0.4.0"}}}};
}

/// The character at the start of `text` as code and size; nothing for a byte that starts none. Written from RFC 3629's grammar.
std::optional<std::pair<char32_t, std::size_t>> decode(std::string_view text)
{
    struct Form {
        unsigned char first, last, second_first, second_last;
        std::size_t size;
    };
    constexpr std::array<Form, 9> forms{{{0x00, 0x7F, 0, 0, 1},
                                         {0xC2, 0xDF, 0x80, 0xBF, 2},
                                         {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                         {0xE1, 0xEC, 0x80, 0xBF, 3},
                                         {0xED, 0xED, 0x80, 0x9F, 3},
                                         {0xEE, 0xEF, 0x80, 0xBF, 3},
                                         {0xF0, 0xF0, 0x90, 0xBF, 4},
                                         {0xF1, 0xF3, 0x80, 0xBF, 4},
                                         {0xF4, 0xF4, 0x80, 0x8F, 4}}};
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (const auto& form : forms) {
        if (at(0) < form.first || at(0) > form.last) continue;
        if (text.size() < form.size) return std::nullopt;
        if (form.size == 1) return std::pair{static_cast<char32_t>(at(0)), form.size};
        if (at(1) < form.second_first || at(1) > form.second_last) return std::nullopt;
        auto code = static_cast<char32_t>(at(0) & (0x7FU >> form.size));
        for (std::size_t i = 1; i < form.size; ++i) {
            if ((at(i) & 0xC0U) != 0x80U) return std::nullopt;
            code = code << 6U | (at(i) & 0x3FU);
        }
        return std::pair{code, form.size};
    }
    return std::nullopt;
}

std::string with_places_filled(const Json& record, std::string_view text)
{
    const auto shape = record.dump();
    const auto literal = quoted(text);
    const auto place = quoted(k_place);
    std::string result;
    std::size_t from = 0;
    for (auto at = shape.find(place); at != std::string::npos; at = shape.find(place, from)) {
        result.append(shape, from, at - from).append(literal);
        from = at + place.size();
    }
    return result.append(shape, from);
}

bool is_unsafe(char32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

} // namespace

Json finding_record()
{
    constexpr auto check = "netpol-ns-default-deny-ingress";
    constexpr auto title = "Namespace has no default-deny for ingress";
    return {{"metadata", metadata("f768bb63-0000-8000-8000-000000000003", 4182, "finding_opened")},
            {"category_uid", 2},
            {"category_name", "Findings"},
            {"class_uid", 2003},
            {"class_name", "Compliance Finding"},
            {"activity_id", 1},
            {"activity_name", "Create"},
            {"type_uid", 200301},
            {"type_name", "Compliance Finding: Create"},
            {"time", 1787303643482},
            {"severity_id", 4},
            {"severity", "High"},
            {"status_id", 1},
            {"status", "New"},
            {"message", "14 pods, no NetworkPolicy isolates ingress"},
            {"finding_info",
             {{"uid", "f1:9c0a3c3b"},
              {"uid_alt", "f1:9c0a3c3b#1"},
              {"title", title},
              {"desc", "Every pod in the cluster can reach the pods of this namespace."},
              {"first_seen_time", 1787303643482},
              {"analytic", {{"uid", check}, {"name", title}, {"version", "3"}, {"type_id", 1}, {"type", "Rule"}, {"desc", "Reads policies."}}}}},
            {"compliance",
             {{"control", "network-policies"},
              {"category", "Network"},
              {"desc", "Traffic between pods."},
              {"standards", {"CIS Kubernetes Benchmark v1.12.0"}},
              {"status_id", 3},
              {"status", "Fail"},
              {"status_code", "no_isolating_policy"},
              {"checks", {{{"uid", check}, {"name", title}, {"desc", "Looks at ingress."}, {"status_id", 3}, {"status", "Fail"}}}}}},
            {"resources",
             {{{"uid", "3b8f0e2a-0000-4000-8000-000000000004"},
               {"name", "payments"},
               {"type", "v1/Namespace"},
               {"namespace", "payments"},
               {"role_id", 1},
               {"labels", {"env:prod", "team:payments"}},
               {"owner", {{"name", "team-payments"}, {"type_id", 99}}},
               {"data", {{"cluster", "prod-eu-1"}, {"api_version", "v1"}, {"kind", "Namespace"}, {"ratio", 0.5}, {"none", nullptr}}}}}},
            {"evidences", {{{"data", {{"pods", 14}, {"sample", {"payments-api-2xkqz"}}}}}}},
            {"remediation", {{"desc", "Create a default-deny policy."}, {"references", {"https://kubernetes.io/docs/"}}}},
            {"observables", {{{"name", "resources[0].uid"}, {"type_id", 10}, {"value", "3b8f0e2a-0000-4000-8000-000000000004"}}}},
            {"unmapped", {{"transition", "opened"}, {"from", "none"}, {"to", "fail"}, {"episode", 1}}}};
}

Json audit_record()
{
    return {{"metadata", metadata("f768bb63-0000-8000-8000-000000000005", 4183, "audit_completed")},
            {"category_uid", 6},
            {"class_uid", 6007},
            {"class_name", "Scan Activity"},
            {"activity_id", 2},
            {"activity_name", "Completed"},
            {"type_uid", 600702},
            {"type_name", "Scan Activity: Completed"},
            {"time", 1787303644000},
            {"severity_id", 1},
            {"severity", "Informational"},
            {"status_id", 1},
            {"status", "Success"},
            {"message", "Audit completed"},
            {"scan", {{"name", "audit"}, {"type_id", 2}, {"type", "Scheduled"}}},
            {"policy", {{"name", "default"}, {"desc", "What is judged."}}},
            {"start_time", 1787303640000},
            {"end_time", 1787303644000},
            {"duration", 4000},
            {"total", 812},
            {"num_detections", 17},
            {"num_resolutions", 2},
            {"num_skipped_items", 1},
            {"unmapped", {{"cluster", "prod-eu-1"}}}};
}

Json start_record()
{
    return {{"metadata", metadata("f768bb63-0000-8000-8000-000000000006", 1, "daemon_started")},
            {"category_uid", 6},
            {"class_uid", 6002},
            {"class_name", "Application Lifecycle"},
            {"activity_id", 3},
            {"activity_name", "Start"},
            {"type_uid", 600203},
            {"time", 1787303600000},
            {"severity_id", 1},
            {"severity", "Informational"},
            {"app", {{"name", "seaworthy"}, {"vendor_name", "seaworthy project"}, {"version", "0.4.0"}}},
            {"message", "seaworthy 0.4.0 started"}};
}

Json error_record()
{
    return {{"metadata", metadata("f768bb63-0000-8000-8000-000000000007", 2, "sink_paused")},
            {"category_uid", 6},
            {"class_uid", 6008},
            {"class_name", "Application Error"},
            {"activity_id", 1},
            {"activity_name", "General Error"},
            {"type_uid", 600801},
            {"time", 1787303700000},
            {"severity_id", 3},
            {"severity", "Medium"},
            {"status_id", 2},
            {"status", "Failure"},
            {"status_code", "unauthorized"},
            {"message", "sink soc pauses"},
            {"count", 3}};
}

std::vector<Json> all_records()
{
    return {finding_record(), audit_record(), start_record(), error_record()};
}

std::string quoted(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            result += "\\u00";
            result += digits[byte >> 4U];
            result += digits[byte & 0xFU];
            continue;
        }
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

std::string hostile_finding(std::string_view text)
{
    auto record = finding_record();
    record["message"] = k_place;
    record["metadata"]["product"]["vendor_name"] = k_place;
    record["metadata"]["event_code"] = k_place;
    record["finding_info"]["title"] = k_place;
    record["finding_info"]["uid"] = k_place;
    record["compliance"]["control"] = k_place;
    record["resources"][0]["name"] = k_place;
    record["resources"][0]["namespace"] = k_place;
    record["resources"][0]["data"]["cluster"] = k_place;
    record["unmapped"]["to"] = k_place;
    return with_places_filled(record, text);
}

std::string hostile_message(std::string_view text)
{
    auto record = finding_record();
    record["message"] = k_place;
    return with_places_filled(record, text);
}

std::string hostile_text(std::mt19937& random, std::size_t pieces)
{
    using namespace std::string_literals;
    static const std::vector<std::string> k_pieces{"|",
                                                   "=",
                                                   "\\",
                                                   "\t",
                                                   "\n",
                                                   "\r",
                                                   "\0"s,
                                                   "\x1b[31m",
                                                   "\x7f",
                                                   "\"",
                                                   "'",
                                                   "%",
                                                   " ",
                                                   " cs1=",
                                                   " msg=",
                                                   "\tsev=",
                                                   "\\n",
                                                   "\\|",
                                                   "\r\n",
                                                   "\xC2\x85",
                                                   "\xE2\x80\xA8",
                                                   "\xE2\x80\xAE",
                                                   "\xE2\x81\xA6",
                                                   "\xD8\x9C",
                                                   "\xFF",
                                                   "\xC3",
                                                   "\xE2\x82",
                                                   "\xF0\x9F",
                                                   "\xED\xA0\x80",
                                                   "\xC0\xAF",
                                                   "\xF5\x80\x80\x80",
                                                   "\xEF\xBF\xBD",
                                                   "\xC3\xA9",
                                                   "\xE2\x82\xAC",
                                                   "\xF0\x9F\x9A\xA2",
                                                   "a",
                                                   "B",
                                                   "7",
                                                   "pod",
                                                   "</x>",
                                                   "${jndi:ldap://x}",
                                                   "CEF:0|",
                                                   "LEEF:2.0|",
                                                   "{",
                                                   "]"};
    std::string text;
    for (std::size_t i = 0; i < pieces; ++i)
        text += k_pieces[random() % k_pieces.size()];
    return text;
}

std::string collapsed(std::string text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const bool again = std::string_view{text}.substr(i).starts_with(k_replacement) && std::string_view{result}.ends_with(k_replacement);
        const std::size_t size = again ? k_replacement.size() : 1;
        if (!again) result += text[i];
        i += size;
    }
    return result;
}

std::string readable(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const auto character = decode(text);
        const auto size = character ? character->second : 1;
        if (text.front() == '\n' || text.front() == '\r') {
            result += text.front();
        } else if (text.front() == '\t') {
            result += ' ';
        } else {
            result += character && !is_unsafe(character->first) ? text.substr(0, size) : k_replacement;
        }
        text.remove_prefix(size);
    }
    return collapsed(std::move(result));
}

bool is_safe_line(std::string_view text, std::string_view allowed)
{
    while (!text.empty()) {
        const auto character = decode(text);
        if (!character) return false;
        if (is_unsafe(character->first) && allowed.find(text.front()) == std::string_view::npos) return false;
        text.remove_prefix(character->second);
    }
    return true;
}

} // namespace seaworthy::test

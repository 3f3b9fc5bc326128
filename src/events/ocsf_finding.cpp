// SPDX-License-Identifier: Apache-2.0
// Compliance Finding (2003) of OCSF 1.6.0. Kubernetes objects have no OCSF object of their own: kind and version are in resources[].type and .data.
#include <algorithm>
#include <array>
#include <variant>

#include <fmt/format.h>

#include "events/event_uid.hpp"
#include "events/ocsf_parts.hpp"
#include "events/resource_name.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::events {
namespace {

using check::Status;
using nlohmann::json;

constexpr std::size_t k_samples = 5;           ///< of a list in the evidence
constexpr std::size_t k_evidence_bytes = 1000; ///< of all evidence, roughly
constexpr std::size_t k_evidence_value_bytes = 200;
constexpr std::size_t k_labels = 20;

/// compliance.status_id. OCSF's Warning says that nothing can be told for lack of information: it is our unknown, never our warn.
struct Compliance {
    int id = 0;
    std::string_view name;
};
Compliance compliance_of(std::string_view status)
{
    constexpr std::array<std::pair<std::string_view, Compliance>, 5> k_rows{{{"pass", {1, "Pass"}},
                                                                             {"warn", {3, "Fail"}},
                                                                             {"fail", {3, "Fail"}},
                                                                             {"unknown", {2, "Warning"}},
                                                                             {"not_applicable", {99, "Not Applicable"}}}};
    for (const auto& [word, row] : k_rows)
        if (word == status) return row;
    return {0, "Unknown"};
}

std::string_view activity_name(int activity)
{
    constexpr std::array<std::string_view, 4> k_names{"Unknown", "Create", "Update", "Close"};
    return k_names.at(static_cast<std::size_t>(activity));
}

std::string_view finding_status(int status)
{
    constexpr std::array<std::string_view, 5> k_names{"Unknown", "New", "In Progress", "Suppressed", "Resolved"};
    return k_names.at(static_cast<std::size_t>(status));
}

/// status_id: a table's, but what is suppressed is so whatever it is told for.
int status_id(const Telling& telling)
{
    return telling.standing.phase == Phase::suppressed ? 3 : facts_of(telling.transition).status;
}

struct References {
    json pages = json::array();
    json requirements = json::array();
    json standards = json::array();
};

/// A check's references are URLs and ids of benchmarks.
References references_of(const check::Check* check)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> k_standards{
        {{"CIS ", "CIS Kubernetes Benchmark"}, {"NSA ", "NSA/CISA Kubernetes Hardening Guide"}, {"CWE-", "Common Weakness Enumeration"}}};
    References references;
    if (check == nullptr) return references;
    for (const auto part : check::split_list(check->references)) {
        if (part.starts_with("http")) {
            references.pages.push_back(short_text(part));
            continue;
        }
        references.requirements.push_back(short_name(part));
        for (const auto& [prefix, standard] : k_standards)
            if (part.starts_with(prefix) && std::ranges::find(references.standards, json(standard)) == references.standards.end())
                references.standards.push_back(standard);
    }
    return references;
}

std::string title_of(const CatalogRow& row, std::string_view check)
{
    return short_name(row.check != nullptr ? row.check->title : check);
}

json finding_info(const CatalogRow& row, std::string_view uid, std::string_view check)
{
    const auto title = title_of(row, check);
    json analytic{{"uid", short_name(check)}, {"name", title}, {"type_id", 1}, {"type", "Rule"}};
    json info{{"uid", uid}, {"title", title}};
    if (row.control != nullptr) {
        analytic["category"] = short_name(row.control->title);
        info["types"] = {fmt::format("kubernetes/{}", row.control->id)};
    }
    if (row.check != nullptr && !row.check->rationale.empty()) info["desc"] = short_text(row.check->rationale);
    info["analytic"] = std::move(analytic);
    return info;
}

json compliance(const CatalogRow& row, std::string_view check, std::string_view status, std::string_view code, int severity)
{
    const auto verdict = compliance_of(status);
    json one{{"uid", short_name(check)}, {"name", title_of(row, check)}, {"status_id", verdict.id},
             {"status", verdict.name},   {"severity_id", severity},      {"severity", severity_caption(severity)}};
    json object{{"status_id", verdict.id}, {"status", verdict.name}, {"status_code", code}};
    if (row.control != nullptr) {
        object["control"] = row.control->id;
        object["category"] = short_name(row.control->title);
    }
    auto references = references_of(row.check);
    if (!references.requirements.empty()) object["requirements"] = std::move(references.requirements);
    if (!references.standards.empty()) {
        one["standards"] = references.standards;
        object["standards"] = std::move(references.standards);
    }
    object["checks"] = json::array({std::move(one)});
    return object;
}

json remediation(const CatalogRow& row, std::string_view own)
{
    if (own.empty() && row.check != nullptr) own = row.check->remediation;
    if (own.empty()) return nullptr;
    json object{{"desc", short_lines(own)}};
    if (auto references = references_of(row.check); !references.pages.empty()) object["references"] = std::move(references.pages);
    return object;
}

json evidence_value(const check::EvidenceValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value)) return printable(*text, k_evidence_value_bytes);
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        json samples = json::array();
        for (const auto& item : *list) {
            if (samples.size() == k_samples) break;
            samples.push_back(printable(item, k_evidence_value_bytes));
        }
        return samples;
    }
    return std::visit(
        [](const auto& plain) -> json {
            if constexpr (std::is_arithmetic_v<std::decay_t<decltype(plain)>>) return plain;
            return nullptr;
        },
        value);
}

json evidences(const check::Evidence& evidence)
{
    json data = json::object();
    std::size_t bytes = 0;
    for (const auto& [key, value] : evidence) {
        auto shown = evidence_value(value);
        bytes += key.size() + write_record(shown).size();
        if (bytes > k_evidence_bytes) break;
        data[short_name(key)] = std::move(shown);
        const auto* list = std::get_if<std::vector<std::string>>(&value);
        if (list != nullptr && list->size() > k_samples) data[short_name(key + "_total")] = list->size();
    }
    if (data.empty()) return nullptr;
    return json::array({json{{"data", std::move(data)}}});
}

/// OCSF's resource_details.
json resource(const ResourceName& name, std::string_view uid, std::string_view ns)
{
    json object{
        {"name", short_name(name.name.empty() ? name.kind : name.name)}, {"type", short_name(name.type())}, {"role_id", 1}, {"role", "Target"}};
    if (!uid.empty()) object["uid"] = short_name(uid);
    if (!ns.empty()) object["namespace"] = short_name(ns);
    return object;
}

json resource_of(const Frame& frame, const Telling& telling)
{
    const auto& memory = telling.standing.memory;
    const auto name = ResourceName::parse(telling.standing.row.resource);
    auto object = resource(name, memory.object_uid, memory.ns);
    object["data"] = {{"cluster", short_name(frame.identity.cluster_name)},
                      {"cluster_uid", short_name(frame.identity.cluster_uid)},
                      {"api_version", short_name(name.api_version)},
                      {"kind", short_name(name.kind)}};
    const auto* ns = telling.report.find_namespace(memory.ns);
    if (ns != nullptr && !ns->tenant.empty())
        object["owner"] = {{"name", short_name(ns->tenant)}, {"uid", short_name(ns->tenant)}, {"type_id", 99}, {"type", "Team"}};
    for (const auto& [key, value] : telling.labels) {
        if (object["labels"].size() == k_labels) break;
        object["labels"].push_back(short_name(key + ":" + value));
    }
    if (object["labels"].is_null()) object.erase("labels");
    return object;
}

json exemption(const Telling& telling)
{
    json object{{"id", short_name(telling.standing.memory.exemption)}};
    const std::size_t index = telling.result != nullptr ? telling.result->exemption() : 0;
    if (index == 0 || index > telling.report.exemptions.size()) return object;
    const auto& granted = telling.report.exemptions[index - 1].exemption;
    object["reason"] = short_text(granted.reason);
    object["owner"] = short_name(granted.owner);
    if (granted.until.known()) object["until"] = format_rfc3339(granted.until);
    return object;
}

/// compliance.status_code: the verdict's word; why nothing can be told; or why there is nothing to tell any more.
std::string_view status_code(const Telling& telling)
{
    if (const auto code = facts_of(telling.transition).closed_as; !code.empty()) return code;
    if (telling.standing.row.status != check::name(Status::unknown)) return telling.standing.row.status;
    if (telling.result == nullptr || telling.result->reason() == model::Reason::none) return "list_missing";
    return model::name(telling.result->reason());
}

std::string words_of(const Telling& telling)
{
    switch (telling.transition) {
    case Transition::deleted: return "the object is gone";
    case Transition::retired: return "the check is not asked any more";
    case Transition::out_of_scope: return "the configuration leaves its namespace out of the audit";
    case Transition::not_applicable:
        if (telling.result == nullptr) return "the check says nothing of the object any more";
        break;
    case Transition::unevaluated:
        if (telling.result == nullptr) return "a list that the check needs could not be read; the finding stays open";
        break;
    case Transition::flapping: return "opens and closes again and again; more is told when it has come to rest";
    default: break;
    }
    if (telling.result != nullptr) return telling.result->message().str();
    return telling.row.check != nullptr ? std::string{telling.row.check->title} : std::string{};
}

std::string upper(std::string_view word)
{
    std::string text{word};
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

} // namespace

std::string render_finding(const Frame& frame, const Telling& telling)
{
    const auto& [row, phase, memory] = telling.standing;
    const auto& facts = facts_of(telling.transition);
    const int severity = severity_id(check::parse_severity(row.severity).value_or(check::Severity::info));
    auto record = begin_record(frame, k_compliance_finding, facts.activity, activity_name(facts.activity), severity, "findings");
    const int status = status_id(telling);
    record["status_id"] = status;
    record["status"] = finding_status(status);
    const bool attested = telling.result != nullptr && telling.result->attested();
    record["confidence_id"] = attested ? 2 : 3;
    record["confidence"] = attested ? "Medium" : "High";
    const auto cluster = frame.identity.cluster_name.empty() ? frame.identity.cluster_uid : frame.identity.cluster_name;
    record["message"] = short_text(
        fmt::format("{} {} {} ({}): {}", row.check, upper(row.status), ResourceName::parse(row.resource).for_people(), cluster, words_of(telling)));

    auto info = finding_info(telling.row, row.uid, row.check);
    info["uid_alt"] = fmt::format("{}#{}", row.uid, row.episode);
    info["created_time"] = row.first_seen;
    info["first_seen_time"] = row.first_seen;
    info["last_seen_time"] = frame.time;
    info["modified_time"] = row.last_change;
    record["finding_info"] = std::move(info);
    const auto code = status_code(telling);
    record["status_code"] = code;
    record["compliance"] = compliance(telling.row, row.check, row.status, code, severity);
    record["resources"] = json::array({resource_of(frame, telling)});
    if (telling.result != nullptr) {
        if (auto shown = evidences(telling.result->evidence()); !shown.is_null()) record["evidences"] = std::move(shown);
    }
    const auto own = telling.result != nullptr ? telling.result->remediation().view() : std::string_view{};
    if (auto advice = remediation(telling.row, own); !advice.is_null()) record["remediation"] = std::move(advice);
    if (!memory.object_uid.empty())
        record["observables"] =
            json::array({json{{"name", "resources[0].uid"}, {"type_id", 10}, {"type", "Resource UID"}, {"value", short_name(memory.object_uid)}}});
    json unmapped{{"transition", facts.name}, {"from", telling.from}, {"to", row.status}, {"episode", row.episode}, {"revision", row.revision}};
    if (memory.flapping) unmapped["changes"] = memory.moves.size();
    if (phase == Phase::suppressed) unmapped["exemption"] = exemption(telling);
    record["unmapped"] = std::move(unmapped);
    return write_record(record);
}

std::string render_storm(const Frame& frame, const Storm& storm, const report::Report& report)
{
    const auto& facts = facts_of(storm.transition);
    const int severity = severity_id(storm.severity);
    auto record = begin_record(frame, k_compliance_finding, facts.activity, activity_name(facts.activity), severity, "findings");
    record["status_id"] = facts.status;
    record["status"] = finding_status(facts.status);
    record["count"] = storm.count;
    record["message"] = short_text(fmt::format("{}: {} findings {} in {}", storm.check, storm.count, facts.in_many_words, report.cluster_name));
    // Not a finding of its own: it shares its uid with no fingerprint.
    auto info = finding_info(storm.row, event_uid({frame.identity.cluster_uid, "storm", storm.check}), storm.check);
    info["created_time"] = frame.time;
    info["related_events_count"] = storm.count;
    record["finding_info"] = std::move(info);
    const auto word = check::name(storm.status);
    record["status_code"] = word;
    record["compliance"] = compliance(storm.row, storm.check, word, word, severity);
    json resources = json::array();
    for (const auto* result : storm.results) {
        const auto& object = result->object();
        const ResourceName name{object.api_version.str(), object.kind.str(), object.ns.str(), object.name.str()};
        auto entry = resource(name, object.uid, result->ns());
        entry.erase("role");
        resources.push_back(std::move(entry));
    }
    if (!resources.empty()) record["resources"] = std::move(resources);
    if (auto advice = remediation(storm.row, {}); !advice.is_null()) record["remediation"] = std::move(advice);
    record["unmapped"] = {{"transition", "storm"}, {"of", facts.name}, {"to", word}};
    return write_record(record);
}

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0 (OASIS), as code scanning of GitHub and GitLab takes it.
#include <algorithm>
#include <array>
#include <map>

#include "publish/encoding/emitter.hpp"
#include "publish/encoding/escape.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/writers.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

namespace {

using report::Severity;
using report::Status;

/// GitHub refuses a run with more, and shows 5,000.
constexpr std::size_t k_most_results = 25'000;
constexpr std::size_t k_longest_text = 1'000;

struct Level {
    Severity severity;
    std::string_view level;             ///< of a fail; a warn is a note, or a warning where a fail is an error
    std::string_view security_severity; ///< GitHub's scale: over 9 critical, 7 high, 4 medium, below low
};
constexpr std::array k_levels{
    Level{Severity::critical, "error", "9.5"}, Level{Severity::high, "error", "8.0"}, Level{Severity::medium, "warning", "5.5"},
    Level{Severity::low, "note", "3.0"},       Level{Severity::info, "note", "0.0"},
};

const Level& level_of(Severity severity)
{
    return *std::ranges::find(k_levels, severity, &Level::severity);
}

/// (§3.27.9, §3.27.10): only a `fail` has a level; what could not be judged is `open`.
struct Outcome {
    std::string_view kind;
    std::string_view level;
};
Outcome outcome_of(const report::Result& result)
{
    const auto level = level_of(result.severity()).level;
    switch (result.status()) {
    case Status::fail: return {"fail", level};
    case Status::warn: return {"fail", level == "error" ? "warning" : "note"};
    case Status::unknown: return {"open", "none"};
    case Status::pass: return {"pass", "none"};
    case Status::not_applicable: return {"notApplicable", "none"};
    }
    return {"open", "none"};
}

/// The checks that the results name, each with its place in the list of rules.
using Rules = std::map<std::string_view, std::size_t>;

std::string first_url(std::string_view references)
{
    while (!references.empty()) {
        const auto end = std::min(references.find(", "), references.size());
        const auto reference = references.substr(0, end);
        if (reference.starts_with("https://")) return std::string{reference};
        references.remove_prefix(std::min(end + 2, references.size()));
    }
    return {};
}

void emit_text(Emitter& out, std::string_view key, std::string_view text)
{
    out.key(key);
    out.begin_object();
    out.field("text", printable(text, k_longest_text));
    out.end_object();
}

void emit_rule(Emitter& out, const check::Check& check, std::string_view control)
{
    out.begin_object();
    out.field("id", check.id);
    emit_text(out, "shortDescription", check.title);
    emit_text(out, "fullDescription", check.rationale);
    emit_text(out, "help", check.remediation);
    if (const auto url = first_url(check.references); !url.empty()) out.field("helpUri", url);
    out.key("defaultConfiguration");
    out.begin_object();
    out.field("level", level_of(check.severity).level);
    out.end_object();
    out.key("properties");
    out.begin_object();
    out.field("security-severity", level_of(check.severity).security_severity);
    out.key("tags");
    out.begin_array();
    out.string("security");
    out.string("kubernetes");
    out.string(control);
    out.end_array();
    out.end_object();
    out.end_object();
}

Rules emit_rules(Emitter& out, const std::vector<const report::Result*>& results, const Imprint& imprint)
{
    std::map<std::string_view, const report::Result*> checks;
    for (const auto* result : results)
        checks.emplace(result->check().id, result);
    Rules rules;
    out.key("rules");
    out.begin_array();
    for (const auto& [id, result] : checks) {
        rules.emplace(id, rules.size());
        emit_rule(out, result->check(), control_id(result->control(), imprint));
    }
    out.end_array();
    return rules;
}

/// There is no file: the same object always has the same path, so that a finding is recognised in the next upload.
void emit_location(Emitter& out, const report::Object& object)
{
    std::string uri = "cluster";
    for (const auto part : {object.ns, object.kind, object.name}) {
        if (part.empty()) continue;
        uri += '/';
        append_url(uri, part);
    }
    out.key("locations");
    out.begin_array();
    out.begin_object();
    out.key("physicalLocation");
    out.begin_object();
    out.key("artifactLocation");
    out.begin_object();
    out.field("uri", uri);
    out.end_object();
    out.key("region"); // GitHub shows no result without one
    out.begin_object();
    out.field("startLine", std::int64_t{1});
    out.end_object();
    out.end_object();
    out.key("logicalLocations");
    out.begin_array();
    out.begin_object();
    out.field("fullyQualifiedName", object_path(object));
    out.field("kind", "resource");
    out.end_object();
    out.end_array();
    out.end_object();
    out.end_array();
}

void emit_suppression(Emitter& out, const report::Result& result, const report::Report& report)
{
    if (result.exemption() == 0 || result.exemption() > report.exemptions.size()) return;
    const auto& exemption = report.exemptions[result.exemption() - 1U].exemption;
    out.key("suppressions");
    out.begin_array();
    out.begin_object();
    out.field("kind", "external");
    out.field("status", "accepted");
    out.field("justification",
              printable(exemption.reason + " (" + exemption.owner + ", until " + format_rfc3339(exemption.until) + ")", k_longest_text));
    out.end_object();
    out.end_array();
}

void emit_sarif_result(Emitter& out, const report::Result& result, const report::Report& report, const Imprint& imprint, const Rules& rules)
{
    const auto outcome = outcome_of(result);
    out.begin_object();
    out.field("ruleId", result.check().id);
    out.field("ruleIndex", static_cast<std::int64_t>(rules.at(result.check().id)));
    out.field("kind", outcome.kind);
    out.field("level", outcome.level);
    emit_text(out, "message", result.message().empty() ? result.check().title : result.message().view());
    emit_location(out, result.object());
    out.key("partialFingerprints");
    out.begin_object();
    out.field("seaworthy/v1", report::fingerprint(result));
    out.end_object();
    emit_suppression(out, result, report);
    out.key("properties");
    out.begin_object();
    out.field("status", check::name(result.status()));
    out.field("source", result.attested() ? "attested" : "observed");
    out.field("severity", check::name(result.severity()));
    out.field("control", control_id(result.control(), imprint));
    out.field("namespace", printable(result.ns(), k_longest_text));
    out.field("remediation", printable(remediation_of(result), k_longest_text));
    if (!result.grant().empty()) out.field("grant", printable(result.grant(), k_longest_text));
    out.end_object();
    out.end_object();
}

void emit_invocation(Emitter& out, const report::Report& report, std::size_t left_out)
{
    out.key("invocations");
    out.begin_array();
    out.begin_object();
    out.field("executionSuccessful", true);
    out.field("endTimeUtc", format_rfc3339(report.generated_at));
    out.key("toolExecutionNotifications");
    out.begin_array();
    for (const auto& gap : report.gaps) {
        out.begin_object();
        out.field("level", "warning");
        emit_text(out, "message", gap.resource + " could not be read: " + std::string{model::name(gap.reason)});
        out.end_object();
    }
    if (left_out > 0) {
        out.begin_object();
        out.field("level", "warning");
        emit_text(out, "message", std::to_string(left_out) + " results of lower severity were left out: a run may have 25000");
        out.end_object();
    }
    out.end_array();
    out.end_object();
    out.end_array();
}

} // namespace

void write_sarif(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& stream)
{
    auto results = results_by_place(report, imprint, filter_of(options, default_statuses()));
    sort_worst_first(results);
    const auto left_out = results.size() - std::min(results.size(), k_most_results);
    results.resize(results.size() - left_out);

    JsonEmitter out{sink_to(stream)};
    out.begin_object();
    out.field("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
    out.field("version", "2.1.0");
    out.key("runs");
    out.begin_array();
    out.begin_object();
    out.key("tool");
    out.begin_object();
    out.key("driver");
    out.begin_object();
    out.field("name", "Seaworthy");
    out.field("version", imprint.version);
    const auto rules = emit_rules(out, results, imprint);
    out.end_object();
    out.end_object();
    emit_invocation(out, report, left_out);
    out.key("automationDetails");
    out.begin_object();
    out.field("id", "seaworthy/" + printable(report.cluster_name, k_longest_text) + "/");
    out.end_object();
    out.key("results");
    out.begin_array();
    for (const auto* result : results)
        emit_sarif_result(out, *result, report, imprint, rules);
    out.end_array();
    out.end_object();
    out.end_array();
    out.end_object();
    out.finish();
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/report_document.hpp"

#include <algorithm>
#include <type_traits>

#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::publish {

namespace {

constexpr report::Status k_statuses[] = {report::Status::pass, report::Status::warn, report::Status::fail, report::Status::unknown,
                                         report::Status::not_applicable};

void emit_metadata(Emitter& out, const report::Report& report, const Imprint& imprint)
{
    out.key("metadata");
    out.begin_object();
    out.field("uid", report.uid);
    out.field("generatedAt", format_rfc3339(report.generated_at));
    out.field("durationSeconds", report.duration_seconds);
    out.field("version", imprint.version);
    out.field("scoreFormula", std::int64_t{report::k_score_formula});
    out.field("complete", report.complete);
    if (!report.clock.empty()) out.field("clock", report.clock);
    out.end_object();
    out.key("cluster");
    out.begin_object();
    out.field("name", report.cluster_name);
    out.field("uid", report.cluster_uid);
    out.field("version", report.cluster_version);
    out.field("platform", report.platform);
    out.end_object();
}

void emit_value(Emitter& out, const check::EvidenceValue& value)
{
    std::visit(
        [&](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::string>)
                out.string(held);
            else if constexpr (std::is_same_v<Held, std::int64_t>)
                out.integer(held);
            else if constexpr (std::is_same_v<Held, double>)
                out.number(held);
            else if constexpr (std::is_same_v<Held, bool>)
                out.boolean(held);
            else {
                out.begin_array();
                for (const auto& item : held)
                    out.string(item);
                out.end_array();
            }
        },
        value);
}

void emit_evidence(Emitter& out, const check::Evidence& evidence)
{
    out.key("evidence");
    out.begin_object();
    for (auto entry = evidence.begin(); entry != evidence.end(); ++entry) {
        const bool repeated = std::any_of(evidence.begin(), entry, [&](const auto& earlier) { return earlier.first == entry->first; });
        if (repeated) continue; // an object has each key once
        out.key(entry->first);
        emit_value(out, entry->second);
    }
    out.end_object();
}

void emit_object(Emitter& out, const report::Object& object)
{
    out.key("object");
    out.begin_object();
    out.field("apiVersion", object.api_version);
    out.field("kind", object.kind);
    out.field("namespace", object.ns);
    out.field("name", object.name);
    out.field("uid", object.uid);
    out.end_object();
}

void emit_exemption(Emitter& out, const report::Result& result, const report::Report& report)
{
    out.key("exemption");
    if (result.exemption() == 0 || result.exemption() > report.exemptions.size()) {
        out.null();
        return;
    }
    const auto& exemption = report.exemptions[result.exemption() - 1U].exemption;
    out.begin_object();
    out.field("id", exemption.id);
    out.field("reason", exemption.reason);
    out.field("owner", exemption.owner);
    out.field("until", format_rfc3339(exemption.until));
    out.end_object();
}

template <typename Items, typename Emit>
void emit_list(Emitter& out, std::string_view name, const Items& items, Emit emit)
{
    out.key(name);
    out.begin_array();
    for (const auto& item : items)
        emit(item);
    out.end_array();
}

} // namespace

void emit_counts(Emitter& out, const report::Counts& counts)
{
    out.begin_object();
    for (const auto status : k_statuses)
        out.field(check::name(status), counts.of(status));
    out.field("exempt", counts.exempt);
    out.end_object();
}

void emit_cluster_control(Emitter& out, const report::ControlSummary& summary, const Imprint& imprint)
{
    out.begin_object();
    out.field("id", control_id(summary.control, imprint));
    out.key("step");
    const int step = summary.control < imprint.catalog.size() ? imprint.catalog[summary.control]->step : 0;
    if (step > 0)
        out.integer(step);
    else
        out.null();
    out.field("title", control_title(summary.control, imprint));
    out.field("status", check::name(summary.status));
    out.field("score", summary.score.score);
    out.field("coverage", summary.score.coverage);
    out.key("counts");
    emit_counts(out, summary.counts);
    out.end_object();
}

void emit_namespace(Emitter& out, const report::NamespaceSummary& summary, const Imprint& imprint)
{
    out.begin_object();
    out.field("name", summary.name);
    out.field("class", summary.system ? "system" : "application");
    out.field("tenant", summary.tenant);
    out.field("score", summary.score.score);
    out.field("scoreWithExemptions", summary.score.score_with_exemptions);
    out.field("points", summary.score.points);
    out.field("pointsPossible", summary.score.points_possible);
    out.field("coverage", summary.score.coverage);
    out.key("counts");
    emit_counts(out, summary.counts);
    emit_list(out, "controls", summary.controls, [&](const report::ControlSummary& control) {
        out.begin_object();
        out.field("id", control_id(control.control, imprint));
        out.field("status", check::name(control.status));
        out.field("score", control.score.score);
        out.key("counts");
        emit_counts(out, control.counts);
        out.end_object();
    });
    out.end_object();
}

void emit_tenant(Emitter& out, const report::TenantSummary& tenant)
{
    out.begin_object();
    out.field("name", tenant.name);
    if (!tenant.state.empty()) out.field("state", tenant.state);
    out.field("score", tenant.score.score);
    out.field("scoreMin", tenant.score_min);
    out.field("points", tenant.score.points);
    out.field("pointsPossible", tenant.score.points_possible);
    out.field("coverage", tenant.score.coverage);
    emit_list(out, "namespaces", tenant.namespaces, [&](Text name) { out.string(name); });
    out.end_object();
}

void emit_result(Emitter& out, const report::Result& result, const report::Report& report, const Imprint& imprint)
{
    out.begin_object();
    out.field("check", result.check().id);
    out.field("control", control_id(result.control(), imprint));
    out.field("status", check::name(result.status()));
    out.field("severity", check::name(result.severity()));
    out.field("scope", check::name(result.check().scope));
    out.field("namespace", result.ns());
    emit_object(out, result.object());
    out.field("message", result.message());
    emit_evidence(out, result.evidence());
    out.field("source", result.attested() ? "attested" : "observed");
    out.field("reason", model::name(result.reason()));
    out.field("grant", result.grant());
    out.field("remediation", remediation_of(result));
    emit_list(out, "references", check::split_list(result.check().references), [&](std::string_view reference) { out.string(reference); });
    out.field("worth", result.worth);
    emit_exemption(out, result, report);
    out.field("fingerprint", report::fingerprint(result));
    out.end_object();
}

void emit_gap(Emitter& out, const model::Gap& gap)
{
    out.begin_object();
    out.field("resource", gap.resource);
    out.field("namespace", gap.ns);
    out.field("reason", model::name(gap.reason));
    out.field("message", gap.message);
    out.end_object();
}

void emit_strings(Emitter& out, std::string_view name, const std::vector<std::string>& values)
{
    emit_list(out, name, values, [&](const std::string& value) { out.string(value); });
}

void emit_report(Emitter& out, const report::Report& report, const Imprint& imprint, const ResultFilter& filter)
{
    out.begin_object();
    out.field("apiVersion", k_api_version);
    out.field("kind", "Report");
    emit_metadata(out, report, imprint);
    out.field("score", report.score.score);
    out.field("scoreWithExemptions", report.score.score_with_exemptions);
    out.field("coverage", report.score.coverage);
    out.field("points", report.score.points);
    out.field("pointsPossible", report.score.points_possible);
    out.key("counts");
    emit_counts(out, report.counts);
    emit_list(out, "controls", report.controls, [&](const auto& control) { emit_cluster_control(out, control, imprint); });
    emit_list(out, "namespaces", report.namespaces, [&](const auto& ns) { emit_namespace(out, ns, imprint); });
    emit_list(out, "tenants", report.tenants, [&](const auto& tenant) { emit_tenant(out, tenant); });
    out.key("results");
    out.begin_array();
    for (const auto& result : report.results) {
        if (out.refused()) break; // the reader is gone: the rest would be made for nobody
        if (filter.matches(result, imprint)) emit_result(out, result, report, imprint);
    }
    out.end_array();
    emit_list(out, "gaps", report.gaps, [&](const auto& gap) { emit_gap(out, gap); });
    out.end_object();
}

std::string_view remediation_of(const report::Result& result)
{
    return result.remediation().empty() ? result.check().remediation : result.remediation().view();
}

} // namespace seaworthy::publish

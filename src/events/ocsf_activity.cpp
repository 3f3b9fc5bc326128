// SPDX-License-Identifier: Apache-2.0
// What is told of audits and of the daemon: Scan Activity (6007), Application Lifecycle (6002) and Application Error (6008) of OCSF 1.6.0.
#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "events/ocsf_parts.hpp"

namespace seaworthy::events {
namespace {

using check::Severity;
using check::Status;
using nlohmann::json;

constexpr std::array k_severities{Severity::critical, Severity::high, Severity::medium, Severity::low, Severity::info};

struct Scene {
    HealthFacts facts;
    ClassFacts ocsf;
    int activity = 0;
    std::string_view activity_name;
    int status = 0; ///< status_id: 1 Success, 2 Failure
};

// Application Lifecycle has no activity for a configuration, and Application Error none for what is well again: 99 Other.
constexpr Scene k_scenes[] = {
    {{HealthCode::daemon_started, "daemon_started", "health", 1}, k_application_lifecycle, 3, "Start", 1},
    {{HealthCode::daemon_stopping, "daemon_stopping", "health", 1}, k_application_lifecycle, 4, "Stop", 1},
    {{HealthCode::config_reloaded, "config_reloaded", "health", 1}, k_application_lifecycle, 99, "Reload", 1},
    {{HealthCode::config_refused, "config_refused", "health", 3}, k_application_error, 1, "General Error", 2},
    {{HealthCode::audit_failed, "audit_failed", "summary", 3}, k_scan_activity, 6, "Error", 2},
    {{HealthCode::sink_paused, "sink_paused", "health", 3}, k_application_error, 1, "General Error", 2},
    {{HealthCode::sink_recovered, "sink_recovered", "health", 1}, k_application_error, 99, "Recovery", 1},
    {{HealthCode::sink_disabled, "sink_disabled", "health", 4}, k_application_error, 1, "General Error", 2},
    {{HealthCode::events_dropped, "events_dropped", "health", 4}, k_application_error, 1, "General Error", 2},
    {{HealthCode::spool_recovered, "spool_recovered", "health", 3}, k_application_error, 1, "General Error", 2},
    {{HealthCode::spool_failed, "spool_failed", "health", 3}, k_application_error, 1, "General Error", 2},
    {{HealthCode::sink_test, "sink_test", "health", 1}, k_application_lifecycle, 99, "Sink Test", 1},
};

const Scene& scene_of(HealthCode code)
{
    const auto* found = std::ranges::find_if(k_scenes, [&](const Scene& scene) { return scene.facts.code == code; });
    if (found == std::end(k_scenes)) throw std::logic_error("a health code without a row");
    return *found;
}

json scan(std::string_view uid)
{
    json object{{"type_id", 2}, {"type", "Scheduled"}, {"name", "audit"}};
    if (!uid.empty()) object["uid"] = short_name(uid);
    return object;
}

json where(const Identity& identity)
{
    json object = json::object();
    if (!identity.cluster_name.empty()) object["cluster"] = short_name(identity.cluster_name);
    if (!identity.instance.empty()) object["instance"] = short_name(identity.instance);
    return object;
}

void put_status(json& record, int status)
{
    record["status_id"] = status;
    record["status"] = status == 1 ? "Success" : "Failure";
}

/// Open findings that no exemption covers, by severity.
json by_severity(const report::Report& report)
{
    std::array<std::uint64_t, k_severities.size()> counts{};
    for (const auto& result : report.results)
        if (result.is_finding() && result.exemption() == 0) ++counts.at(static_cast<std::size_t>(result.severity()));
    json object = json::object();
    for (const auto severity : k_severities)
        object[std::string{check::name(severity)}] = counts.at(static_cast<std::size_t>(severity));
    return object;
}

json by_status(const report::Report& report)
{
    json object = json::object();
    for (const auto status : {Status::pass, Status::warn, Status::fail, Status::unknown, Status::not_applicable})
        object[std::string{check::name(status)}] = report.counts.of(status);
    return object;
}

} // namespace

std::string_view name(HealthCode code)
{
    return scene_of(code).facts.name;
}

const HealthFacts& facts_of(HealthCode code)
{
    return scene_of(code).facts;
}

std::string render_audit(const Frame& frame, const report::Report& report, const AuditTally& tally)
{
    auto record = begin_record(frame, k_scan_activity, 2, "Completed", 1, "audits");
    put_status(record, 1);
    if (!report.complete) {
        record["status_code"] = "incomplete";
        record["status_detail"] = fmt::format("{} lists could not be read", report.gaps.size());
    }
    const auto score = report.score.score ? fmt::format(", score {:.1f}", *report.score.score) : std::string{};
    record["message"] = short_text(fmt::format("audit of {}: {} findings open{}{}", frame.identity.cluster_name, tally.open, score,
                                               report.complete ? "" : "; not everything could be read"));
    const auto duration = static_cast<std::int64_t>(report.duration_seconds * 1000);
    record["scan"] = scan(report.uid);
    record["duration"] = duration;
    record["start_time"] = frame.time - duration;
    record["end_time"] = frame.time;
    record["total"] = report.results.size();
    record["num_detections"] = tally.detected;
    record["num_resolutions"] = tally.closed;
    record["num_skipped_items"] = report.counts.of(Status::unknown);
    record["policy"] = {{"name", "seaworthy catalogue"}, {"version", short_name(frame.identity.version)}};
    auto unmapped = where(frame.identity);
    unmapped["complete"] = report.complete;
    unmapped["baseline"] = tally.baseline;
    unmapped["open"] = tally.open;
    unmapped["unevaluated"] = tally.unevaluated;
    unmapped["suppressed"] = tally.suppressed;
    unmapped["findings_by_severity"] = by_severity(report);
    unmapped["results_by_status"] = by_status(report);
    if (report.score.score) unmapped["score"] = *report.score.score;
    if (report.score.coverage) unmapped["coverage"] = *report.score.coverage;
    record["unmapped"] = std::move(unmapped);
    return write_record(record);
}

std::string render_health(const Frame& frame, HealthCode code, std::string_view message, const HealthDetail& detail)
{
    const auto& scene = scene_of(code);
    const bool is_scan = scene.ocsf.uid == k_scan_activity.uid;
    auto record = begin_record(frame, scene.ocsf, scene.activity, scene.activity_name, scene.facts.severity, is_scan ? "audits" : "health");
    put_status(record, scene.status);
    record["message"] = short_text(message);
    if (!detail.reason.empty()) record["status_code"] = short_name(detail.reason);
    if (detail.count != 0) record["count"] = detail.count;
    if (is_scan) record["scan"] = scan({});
    if (scene.ocsf.uid == k_application_lifecycle.uid) record["app"] = product(frame.identity);
    auto unmapped = where(frame.identity);
    if (!detail.subject.empty()) unmapped["subject"] = short_name(detail.subject);
    if (!unmapped.empty()) record["unmapped"] = std::move(unmapped);
    return write_record(record);
}

} // namespace seaworthy::events

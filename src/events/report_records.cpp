// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/events/report_records.hpp"

#include "events/event_uid.hpp"
#include "events/ocsf.hpp"
#include "events/resource_name.hpp"
#include "events/sightings.hpp"

namespace seaworthy::events {
namespace {

struct Outcome {
    Phase phase;
    Transition transition;
};

Outcome outcome_of(Sight sight)
{
    switch (sight) {
    case Sight::finding: return {Phase::open, Transition::opened};
    case Sight::exempt: return {Phase::suppressed, Transition::suppressed};
    case Sight::pass: return {Phase::closed, Transition::resolved};
    case Sight::not_applicable:
    case Sight::absent:
    case Sight::retired:
    case Sight::out_of_scope: return {Phase::closed, Transition::not_applicable};
    case Sight::unknown: break;
    }
    return {Phase::unevaluated, Transition::unevaluated};
}

} // namespace

ReportRecords::ReportRecords(const report::Report& report, std::span<const check::Control* const> catalog, std::string version)
    : m_report(report), m_version(std::move(version))
{
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            m_rows[check.id] = {control, &check};
}

std::string ReportRecords::render(const report::Result& result, std::int64_t sequence) const
{
    const auto seen = observe(m_report, &result, Sight::absent);
    const auto [phase, transition] = outcome_of(seen.sight);
    const auto& object = result.object();
    const state::Milliseconds time = m_report.generated_at.known() ? m_report.generated_at.unix_seconds() * 1000 : 0;
    Standing standing;
    standing.phase = phase;
    standing.memory.object_uid = object.uid.str();
    standing.memory.ns = result.ns().str();
    standing.memory.exemption = seen.exemption;
    standing.row = {.uid = report::fingerprint(result),
                    .check = std::string{result.check().id},
                    .resource = ResourceName{object.api_version.str(), object.kind.str(), object.ns.str(), object.name.str()}.path(),
                    .phase = {},
                    .status = std::string{check::name(result.status())},
                    .severity = std::string{check::name(result.severity())},
                    .episode = 1,
                    .revision = 1,
                    .first_seen = time,
                    .last_change = time,
                    .memory = {}};

    const Identity identity{m_report.cluster_name, m_report.cluster_uid, {}, m_version};
    // The report's uid is in it: another audit's records are other events.
    const auto uid = event_uid({m_report.cluster_uid, "report", m_report.uid, standing.row.uid});
    const auto row = m_rows.find(result.check().id);
    const Telling telling{.standing = standing,
                          .transition = transition,
                          .from = "none",
                          .row = row == m_rows.end() ? CatalogRow{} : CatalogRow{row->second.first, row->second.second},
                          .report = m_report,
                          .result = &result,
                          .labels = {}};
    return render_finding({.identity = identity,
                           .uid = uid,
                           .sequence = sequence,
                           .code = facts_of(transition).code,
                           .audit = m_report.uid,
                           .time = time,
                           .logged = time},
                          telling);
}

} // namespace seaworthy::events

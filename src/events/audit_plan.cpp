// SPDX-License-Identifier: Apache-2.0
#include "events/audit_plan.hpp"

#include <algorithm>

#include "events/event_uid.hpp"
#include "events/resource_name.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::events {
namespace {

using check::Severity;

constexpr state::Milliseconds k_day = 86'400'000;
/// How long a closed finding is remembered, so that it is told as reopened, with a uid that no receiver has had before.
constexpr state::Milliseconds k_remembered = 90 * k_day;
constexpr std::size_t k_closed_at_most = 10'000;
constexpr std::size_t k_forgotten_at_once = 1'000;
constexpr std::size_t k_few = 1'000; ///< they go into one transaction

bool opens(Transition transition)
{
    return transition == Transition::opened || transition == Transition::reopened;
}

Severity severity_of(const state::FindingRow& row)
{
    return check::parse_severity(row.severity).value_or(Severity::info);
}

Severity at_least(config::Events::MinSeverity severity)
{
    return static_cast<Severity>(severity); // the same words in the same order
}

} // namespace

AuditPlan::AuditPlan(const report::Report& report, std::span<const check::Control* const> catalog, const Moment& moment, Mode mode,
                     const ObjectFactsOf& facts)
    : m_report(report), m_moment(moment), m_mode(mode), m_facts(facts), m_sightings(report)
{
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            m_catalog[check.id] = {control, &check};
    m_tally.baseline = mode.baseline;
}

CatalogRow AuditPlan::row_of(std::string_view check) const
{
    const auto found = m_catalog.find(check);
    return found == m_catalog.end() ? CatalogRow{} : found->second;
}

PlannedChange AuditPlan::change_of(state::FindingRow row, const report::Result* result, Sight otherwise)
{
    PlannedChange change;
    change.standing = read_standing(std::move(row));
    change.result = result;
    auto seen = observe(m_report, result, otherwise);
    if (result != nullptr && result->is_finding()) seen.shape = shape_of(result->evidence());
    return advanced(std::move(change), std::move(seen));
}

PlannedChange AuditPlan::advanced(PlannedChange change, Observation seen)
{
    const auto* result = change.result;
    if (result != nullptr && m_facts) {
        const auto facts = m_facts(result->object());
        seen.settled = !facts.changed || m_moment.now - *facts.changed >= m_moment.settings.settle.count();
        for (const auto& [key, value] : facts.labels)
            if (glob_match_any(m_moment.settings.labels, key)) change.labels.emplace_back(key, value);
    }
    change.step = advance(change.standing, seen, m_moment);
    if (result != nullptr) {
        auto& memory = change.standing.memory;
        memory.object_uid = result->object().uid.str();
        memory.ns = result->ns().str();
    }
    return change;
}

/// How a finding of which the report says nothing is not seen.
Sight AuditPlan::sight_without_result(const state::FindingRow& row)
{
    // A report that sees nothing says nothing of checks either.
    const auto* check = row_of(row.check).check;
    if (!m_report.results.empty() && (check == nullptr || m_sightings.is_switched_off(row.check))) return Sight::retired;
    if (find_phase(row.phase) == Phase::closed) return Sight::absent; // it makes no difference, and there are many
    auto ns = decode_memory(row.memory).ns;
    if (ns.empty()) ns = ResourceName::parse(row.resource).ns;
    if (m_sightings.is_excluded(ns)) return Sight::out_of_scope; // whatever could not be read: nobody looks there
    if (m_sightings.is_blind(check, row.check, ns)) return Sight::unknown;
    return m_sightings.knows(row.resource) ? Sight::not_applicable : Sight::absent;
}

void AuditPlan::take_row(state::FindingRow row)
{
    const auto* result = m_sightings.match(row.uid);
    const auto otherwise = result == nullptr ? sight_without_result(row) : Sight::absent;
    auto change = change_of(std::move(row), result, otherwise);
    tally_phase(change);
    tell_if_due(change);
    if (change.step.changed) {
        m_known.push_back(std::move(change));
    } else if (change.standing.phase == Phase::closed) {
        m_closed.push_back({change.standing.row.last_change, std::move(change.standing.row.uid)});
    }
}

/// Reminders and snapshots: of findings about which there is no news.
void AuditPlan::tell_if_due(PlannedChange& change) const
{
    auto& [standing, step, result, labels] = change;
    const bool is_open = standing.phase == Phase::open || standing.phase == Phase::suppressed || standing.phase == Phase::unevaluated;
    if (step.transition || standing.memory.flapping || !is_open) return;
    const auto& settings = m_moment.settings;
    const bool is_reminded = settings.reminder_after.count() > 0 && standing.phase == Phase::open &&
                             severity_of(standing.row) >= at_least(settings.reminder_min_severity) &&
                             m_moment.now - standing.memory.told >= settings.reminder_after.count();
    if (!m_mode.snapshot && !is_reminded) return;
    tell_again(standing, m_moment);
    step.changed = true;
    step.transition = m_mode.snapshot ? Transition::snapshot : Transition::reminder;
}

void AuditPlan::tally_phase(const PlannedChange& change)
{
    switch (change.standing.phase) {
    case Phase::unevaluated: ++m_tally.unevaluated; [[fallthrough]];
    case Phase::open: ++m_tally.open; break;
    case Phase::suppressed: ++m_tally.suppressed; break;
    case Phase::none:
    case Phase::settling:
    case Phase::closed: break;
    }
    if (!change.step.transition) return;
    if (opens(*change.step.transition)) ++m_tally.detected;
    if (change.standing.phase == Phase::closed) ++m_tally.closed;
}

PlannedChange AuditPlan::change_of_new(const report::Result& result)
{
    state::FindingRow row;
    row.uid = report::fingerprint(result);
    row.check = result.check().id;
    const auto& object = result.object();
    row.resource = ResourceName{object.api_version.str(), object.kind.str(), object.ns.str(), object.name.str()}.path();
    auto change = change_of(std::move(row), &result, Sight::absent);
    if (m_mode.baseline && !is_told_at_baseline(change)) change.step.transition.reset();
    return change;
}

bool AuditPlan::is_told_at_baseline(const PlannedChange& change) const
{
    using Baseline = config::Events::Baseline;
    switch (m_moment.settings.baseline) {
    case Baseline::emit: return true;
    case Baseline::silent: return false;
    case Baseline::summary: break;
    }
    return change.standing.phase == Phase::open && severity_of(change.standing.row) >= Severity::high;
}

/// The same without what it takes to write it: enough to count what happens.
PlannedChange AuditPlan::outline_of_new(const report::Result& result)
{
    PlannedChange change;
    change.result = &result;
    change.standing.row.check = result.check().id;
    change = advanced(std::move(change), observe(m_report, &result, Sight::absent));
    if (m_mode.baseline && !is_told_at_baseline(change)) change.step.transition.reset();
    return change;
}

void AuditPlan::count_for_storm(std::map<StormKey, std::uint64_t>& counts, const PlannedChange& change) const
{
    if (!change.step.transition || !facts_of(*change.step.transition).may_be_rolled_up) return;
    const auto& check = change.standing.row.check;
    const auto stable = row_of(check).check != nullptr ? row_of(check).check->id : std::string_view{check};
    ++counts[{stable, *change.step.transition}];
}

bool AuditPlan::is_in_storm(const PlannedChange& change) const
{
    return change.step.transition && m_storm_index.contains({change.standing.row.check, *change.step.transition});
}

void AuditPlan::add_to_storm(const PlannedChange& change, std::string_view check)
{
    if (!is_in_storm(change)) return;
    auto& storm = m_storms[m_storm_index.at({std::string{check}, *change.step.transition})];
    ++storm.count;
    storm.severity = std::max(storm.severity, severity_of(change.standing.row));
    storm.status = std::max(storm.status, check::parse_status(change.standing.row.status).value_or(check::Status::unknown));
    if (change.result != nullptr && storm.results.size() < k_storm_resources) storm.results.push_back(change.result);
    storm.fingerprints += change.standing.row.uid + "#" + std::to_string(change.standing.row.revision) + "\n";
}

void AuditPlan::finish()
{
    choose_forgotten();
    // Many are written in the order of the table that they go into, so that a transaction touches few of its pages. Few are told in the
    // report's order.
    m_new = m_sightings.unmatched_findings();
    if (m_new.size() <= k_few) std::ranges::sort(m_new);
    const bool each_alone = m_mode.baseline && m_moment.settings.baseline == config::Events::Baseline::emit;
    std::map<StormKey, std::uint64_t> counts;
    for (const auto& change : m_known)
        count_for_storm(counts, change);
    for (const auto index : m_new) {
        const auto change = outline_of_new(m_report.results[index]);
        if (change.standing.phase == Phase::open) {
            ++m_tally.open;
            ++m_tally.detected;
        }
        if (change.standing.phase == Phase::suppressed) ++m_tally.suppressed;
        count_for_storm(counts, change);
    }
    for (const auto& [key, count] : counts) {
        if (each_alone || count <= static_cast<std::uint64_t>(m_moment.settings.storm_per_check)) continue;
        const std::string check{key.first};
        m_storm_index[{check, key.second}] = m_storms.size();
        m_storms.push_back({.check = check, .transition = key.second, .row = row_of(check)});
    }
    if (m_storms.empty()) return;
    for (const auto& change : m_known)
        add_to_storm(change, change.standing.row.check);
    auto in_order = m_new;
    std::ranges::sort(in_order);
    for (const auto index : in_order)
        add_to_storm(change_of_new(m_report.results[index]), m_report.results[index].check().id);
    for (auto& storm : m_storms)
        storm.fingerprints = sha256_hex(storm.fingerprints);
}

void AuditPlan::choose_forgotten()
{
    std::ranges::sort(m_closed, {}, &Closed::at);
    const auto surplus = m_closed.size() > k_closed_at_most ? m_closed.size() - k_closed_at_most : 0;
    for (std::size_t i = 0; i < m_closed.size() && m_forgotten.size() < k_forgotten_at_once; ++i)
        if (i < surplus || m_moment.now - m_closed[i].at > k_remembered) m_forgotten.push_back(std::move(m_closed[i].uid));
    m_closed = {};
}

PlannedChange AuditPlan::take(std::size_t index)
{
    auto change = index < m_known.size() ? std::move(m_known[index]) : change_of_new(m_report.results[m_new[index - m_known.size()]]);
    if (is_in_storm(change)) change.step.transition.reset();
    return change;
}

} // namespace seaworthy::events

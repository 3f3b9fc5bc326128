// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/finding_machine.hpp"
#include "events/ocsf.hpp"
#include "events/sightings.hpp"
#include "seaworthy/events/journal.hpp"

namespace seaworthy::events {

/// What is written of one finding.
struct PlannedChange {
    Standing standing; ///< after the audit
    Step step;         ///< its transition is set if it is to be told on its own
    const report::Result* result = nullptr;
    std::vector<std::pair<std::string, std::string>> labels;
};

/// What one audit does to all findings. Changes of known findings are held; those of new ones are made when they are taken, since a first
/// audit has a great many. Report, catalogue and settings must outlive it.
class AuditPlan {
public:
    struct Mode {
        bool baseline = false; ///< nothing was recorded before
        bool snapshot = false; ///< tell all open findings
    };
    AuditPlan(const report::Report& report, std::span<const check::Control* const> catalog, const Moment& moment, Mode mode,
              const ObjectFactsOf& facts);

    /// For each row of the store. Then finish(), once.
    void take_row(state::FindingRow row);
    void finish();

    [[nodiscard]] const std::vector<Storm>& storms() const { return m_storms; }
    [[nodiscard]] std::size_t size() const { return m_known.size() + m_new.size(); }
    /// Each may be asked for once.
    [[nodiscard]] PlannedChange take(std::size_t index);
    [[nodiscard]] const AuditTally& tally() const { return m_tally; }
    /// Rows that were closed so long ago, or are so many, that they are to be forgotten; at most a thousand.
    [[nodiscard]] const std::vector<std::string>& forgotten() const { return m_forgotten; }
    [[nodiscard]] CatalogRow row_of(std::string_view check) const;

private:
    struct Closed {
        state::Milliseconds at = 0;
        std::string uid;
    };
    using StormKey = std::pair<std::string_view, Transition>; ///< check and what happens; the check's id is the report's or a row's in m_known

    [[nodiscard]] PlannedChange change_of(state::FindingRow row, const report::Result* result, Sight otherwise);
    [[nodiscard]] Sight sight_without_result(const state::FindingRow& row);
    [[nodiscard]] PlannedChange change_of_new(const report::Result& result);
    [[nodiscard]] PlannedChange outline_of_new(const report::Result& result);
    [[nodiscard]] PlannedChange advanced(PlannedChange change, Observation seen);
    void tell_if_due(PlannedChange& change) const;
    [[nodiscard]] bool is_told_at_baseline(const PlannedChange& change) const;
    void tally_phase(const PlannedChange& change);
    void count_for_storm(std::map<StormKey, std::uint64_t>& counts, const PlannedChange& change) const;
    void add_to_storm(const PlannedChange& change, std::string_view check);
    [[nodiscard]] bool is_in_storm(const PlannedChange& change) const;
    void choose_forgotten();

    const report::Report& m_report;
    const Moment& m_moment;
    Mode m_mode;
    const ObjectFactsOf& m_facts;
    std::map<std::string_view, CatalogRow> m_catalog;
    Sightings m_sightings;
    std::vector<PlannedChange> m_known;
    std::vector<std::uint32_t> m_new; ///< indexes into the report's results
    std::vector<Storm> m_storms;
    std::map<std::pair<std::string, Transition>, std::size_t> m_storm_index;
    std::vector<Closed> m_closed;
    std::vector<std::string> m_forgotten;
    AuditTally m_tally;
};

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
// Events as records of the Open Cybersecurity Schema Framework 1.6.0, compact JSON in UTF-8 without line feeds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/finding_machine.hpp"
#include "events/transition.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/events/journal.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::events {

/// What every record says of itself.
struct Frame {
    const Identity& identity;
    std::string_view uid;
    std::int64_t sequence = 0;
    std::string_view code;
    std::string_view audit;         ///< metadata.correlation_uid: the report's; may be empty
    state::Milliseconds time = 0;   ///< when it happened
    state::Milliseconds logged = 0; ///< when it was written down
};

/// The row of the catalogue. Both are nullptr for a check that it has no more.
struct CatalogRow {
    const check::Control* control = nullptr;
    const check::Check* check = nullptr;
};

/// A transition of one finding.
struct Telling {
    const Standing& standing; ///< after it
    Transition transition = Transition::opened;
    std::string_view from; ///< the status before; "none"
    CatalogRow row;
    const report::Report& report;
    const report::Result* result = nullptr; ///< nullptr: the report has none
    std::vector<std::pair<std::string, std::string>> labels;
};

/// Many transitions of one kind.
struct Storm {
    std::string check;
    Transition transition = Transition::opened;
    CatalogRow row;
    std::uint64_t count = 0;
    check::Severity severity = check::Severity::info;     ///< the worst
    check::Status status = check::Status::not_applicable; ///< the worst
    std::vector<const report::Result*> results;           ///< the first hundred that have one
    std::string fingerprints;                             ///< what tells it from other storms
};
inline constexpr std::size_t k_storm_resources = 100;

/// Of one audit, in findings.
struct AuditTally {
    std::uint64_t open = 0; ///< after it, unevaluated ones included
    std::uint64_t unevaluated = 0;
    std::uint64_t suppressed = 0;
    std::uint64_t detected = 0; ///< opened or reopened in it, told or not
    std::uint64_t closed = 0;   ///< in it
    bool baseline = false;
};

[[nodiscard]] int severity_id(check::Severity severity); ///< OCSF severity_id: 1 Informational … 5 Critical

[[nodiscard]] std::string render_finding(const Frame& frame, const Telling& telling);                              ///< Compliance Finding 2003
[[nodiscard]] std::string render_storm(const Frame& frame, const Storm& storm, const report::Report& report);      ///< Compliance Finding 2003
[[nodiscard]] std::string render_audit(const Frame& frame, const report::Report& report, const AuditTally& tally); ///< Scan Activity 6007

/// How a health code is recorded.
struct HealthFacts {
    HealthCode code;
    std::string_view name;
    std::string_view event_class; ///< of the row: health, or summary for what is about an audit
    int severity = 1;             ///< severity_id
};
[[nodiscard]] const HealthFacts& facts_of(HealthCode code);
/// Application Lifecycle 6002, Application Error 6008 or, for a failed audit, Scan Activity 6007.
[[nodiscard]] std::string render_health(const Frame& frame, HealthCode code, std::string_view message, const HealthDetail& detail);

} // namespace seaworthy::events

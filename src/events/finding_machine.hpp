// SPDX-License-Identifier: Apache-2.0
// The states of a finding between audits. Pure: no store, no report, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/finding_memory.hpp"
#include "events/transition.hpp"
#include "seaworthy/check/verdict.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::events {

/// FindingRow::phase.
enum class Phase : std::uint8_t {
    none,     ///< not known; has no row
    settling, ///< seen, but its object has just changed, or in too few audits yet
    open,
    suppressed,  ///< seen and exempt
    unevaluated, ///< was open, and cannot be looked at
    closed,
};
[[nodiscard]] std::string_view name(Phase phase);
[[nodiscard]] Phase find_phase(std::string_view name); ///< `none` for a word that is no phase

/// What an audit shows of a finding.
enum class Sight : std::uint8_t {
    finding,
    exempt, ///< a finding that an exemption covers
    unknown,
    pass,
    not_applicable,
    absent,       ///< its object is not there, and that could be seen
    retired,      ///< its check is not asked any more
    out_of_scope, ///< the configuration leaves its namespace out
};

struct Observation {
    Sight sight = Sight::unknown;
    check::Status status = check::Status::unknown; ///< of finding and exempt
    check::Severity severity = check::Severity::info;
    std::string shape;     ///< of the evidence
    std::string exemption; ///< its id
    bool settled = true;   ///< its object did not change just now
};

/// One audit as the machine needs it.
struct Moment {
    const config::Events& settings;
    state::Milliseconds now = 0;
    std::string_view audit; ///< tells one from the next
    bool is_first = false;  ///< of all: there is nothing that a finding could have been before
};

/// A finding before and after an audit.
struct Standing {
    state::FindingRow row; ///< its `memory` and `phase` are as they were read; see seal()
    Phase phase = Phase::none;
    FindingMemory memory;
};

struct Step {
    bool changed = false; ///< the row is to be written
    bool forgotten = false;
    std::optional<Transition> transition; ///< to be told
    std::string from = "none";            ///< the status before
};

[[nodiscard]] Standing read_standing(state::FindingRow row);
/// The row with phase and memory written into it.
[[nodiscard]] state::FindingRow seal(const Standing& standing);

/// Moves `standing` on by what an audit shows.
[[nodiscard]] Step advance(Standing& standing, const Observation& seen, const Moment& moment);

/// Counts something that is told without a change of state (a reminder, a snapshot).
void tell_again(Standing& standing, const Moment& moment);

} // namespace seaworthy::events

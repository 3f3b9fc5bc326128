// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace seaworthy::events {

/// What happens to a finding that receivers may hear of.
enum class Transition : std::uint8_t {
    opened,
    reopened,
    severity_changed,
    status_changed,
    evidence_changed, ///< other kinds of evidence, not other numbers
    exemption_ended,
    evaluated, ///< after it was unevaluated
    suppressed,
    unevaluated,
    resolved,
    not_applicable, ///< closed, as the check does not ask it of the object any more
    deleted,        ///< closed with its object
    retired,        ///< closed with its check, which was switched off or is no more
    out_of_scope,   ///< closed, as the configuration leaves its namespace out
    flapping,
    stable, ///< flapping no more, and open
    snapshot,
    reminder,
};

/// One row for each, with the values of OCSF 1.6.0 Compliance Finding (class 2003).
struct TransitionFacts {
    Transition transition;
    std::string_view name;          ///< unmapped.transition
    std::string_view code;          ///< metadata.event_code
    int activity = 0;               ///< activity_id: 1 Create, 2 Update, 3 Close
    int status = 0;                 ///< status_id: 1 New, 3 Suppressed, 4 Resolved
    bool opens_or_closes = false;   ///< counts for flapping
    bool may_be_rolled_up = false;  ///< many of one check in one audit are one event
    std::string_view closed_as;     ///< compliance.status_code of what is closed; empty: the verdict's
    std::string_view in_many_words; ///< of a roll-up's message: "17 findings opened"
};

[[nodiscard]] const TransitionFacts& facts_of(Transition transition);

} // namespace seaworthy::events

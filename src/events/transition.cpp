// SPDX-License-Identifier: Apache-2.0
#include "events/transition.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace seaworthy::events {
namespace {

using enum Transition;

// A finding that opens anew is a Create again: rules on activity 1 shall fire.
constexpr TransitionFacts k_facts[] = {
    {opened, "opened", "finding_opened", 1, 1, true, true, "", "opened"},
    {reopened, "reopened", "finding_reopened", 1, 1, true, true, "", "reopened"},
    {severity_changed, "severity_changed", "finding_changed", 2, 1, false, false, "", "changed their severity"},
    {status_changed, "status_changed", "finding_changed", 2, 1, false, false, "", "changed their status"},
    {evidence_changed, "evidence_changed", "finding_changed", 2, 1, false, true, "", "changed their evidence"},
    {exemption_ended, "exemption_ended", "finding_changed", 2, 1, false, false, "", "are exempt no more"},
    {evaluated, "evaluated", "finding_changed", 2, 1, false, true, "", "could be evaluated again"},
    {suppressed, "suppressed", "finding_suppressed", 2, 3, false, true, "", "are exempt"},
    {unevaluated, "unevaluated", "finding_unevaluated", 2, 1, false, true, "", "could not be evaluated"},
    {resolved, "resolved", "finding_resolved", 3, 4, true, false, "", "resolved"},
    {not_applicable, "not_applicable", "finding_resolved", 3, 4, true, false, "not_applicable", "do not apply any more"},
    {deleted, "deleted", "finding_resolved", 3, 4, true, false, "resource_deleted", "went with their objects"},
    {retired, "retired", "finding_resolved", 3, 4, true, false, "check_disabled", "are not judged any more"},
    {out_of_scope, "out_of_scope", "finding_resolved", 3, 4, true, false, "out_of_scope", "are out of scope"},
    {flapping, "flapping", "finding_flapping", 2, 1, false, false, "", "flap"},
    {stable, "stable", "finding_changed", 2, 1, false, false, "", "flap no more"},
    {snapshot, "snapshot", "finding_snapshot", 2, 1, false, false, "", "are open"},
    {reminder, "reminder", "finding_reminder", 2, 1, false, false, "", "are still open"},
};

} // namespace

const TransitionFacts& facts_of(Transition transition)
{
    const auto* found = std::ranges::find(k_facts, transition, &TransitionFacts::transition);
    if (found == std::end(k_facts)) throw std::logic_error("a transition without a row");
    return *found;
}

} // namespace seaworthy::events

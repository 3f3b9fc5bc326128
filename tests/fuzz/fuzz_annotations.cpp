// SPDX-License-Identifier: Apache-2.0
// Annotations that say something to us: exemptions, Argo CD's tracking ids; and a parameter's list of records.
#include "check/records.hpp"
#include "controls/change_tracking.hpp"
#include "engine/exemptions.hpp"
#include "fuzz/fuzz_target.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(annotations, input)
{
    if (const auto exemption = engine::parse_exemption_annotation(input))
        fuzz::require(!exemption->checks.empty() && !exemption->owner.empty() && !exemption->reason.empty() && exemption->until.known());
    static_cast<void>(controls::parse_tracking_id(input));
    static_cast<void>(controls::inventory_reference(input));
    static_cast<void>(check::parse_records(input));
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/state/store.hpp"

namespace seaworthy::events {

/// What the state machine keeps of a finding besides the columns of its row: FindingRow::memory.
struct FindingMemory {
    std::string object_uid;
    std::string ns;                         ///< whose score it counts in; empty: the cluster's
    std::string shape;                      ///< of the evidence; see shape_of()
    std::string exemption;                  ///< its id, while one covers the finding
    std::string counted;                    ///< the audit that was counted last in `passes` or `sightings`: one recorded twice counts once
    int sightings = 0;                      ///< audits in a row with the finding, while it is not open yet
    int passes = 0;                         ///< audits in a row without the finding
    bool flapping = false;                  ///< nothing is told until it has been quiet
    state::Milliseconds told = 0;           ///< the last event
    state::Milliseconds waiting_since = 0;  ///< for its object to settle; 0: it does not wait
    std::vector<state::Milliseconds> moves; ///< recent openings and closings, ascending

    friend bool operator==(const FindingMemory&, const FindingMemory&) = default;
};

/// At most 4 KiB.
[[nodiscard]] std::string encode_memory(const FindingMemory& memory);
/// What is missing or of another type has its default: a later version may have written it.
[[nodiscard]] FindingMemory decode_memory(std::string_view json);

} // namespace seaworthy::events

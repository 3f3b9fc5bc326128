// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/base/error.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::events {

/// What the journal remembers besides findings: the store's note "journal".
struct JournalNote {
    std::string audit;                   ///< the last that was recorded as a whole
    state::Milliseconds baseline = 0;    ///< when the first was; 0: none yet
    state::Milliseconds heartbeat = 0;   ///< the last audit_completed
    bool snapshot_wanted = false;        ///< receivers lost events
    bool losing = false;                 ///< events were given up lately
    state::Milliseconds snapshot_at = 0; ///< the last time that all open findings were told

    /// Defaults where there is none.
    [[nodiscard]] static Result<JournalNote> read(state::Store& store);
    Result<void> write(state::Writer& writer) const;
};

} // namespace seaworthy::events

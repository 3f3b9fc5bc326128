// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "app/observations.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/publish/history.hpp"

namespace seaworthy::app {

/// Gives the history what earlier processes kept.
void restore_scores(const Observations& observations, publish::History& history);
/// Keeps what History::record() gave, and forgets what is older than the history goes back.
void keep_scores(const Observations& observations, const publish::Recorded& recorded, const publish::History& history, Timestamp now);

} // namespace seaworthy::app

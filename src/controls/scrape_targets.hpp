// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// metrics-target-down: which namespaces have targets that a configured Prometheus cannot scrape.
void judge_scrape_targets(const check::Context& context, check::Results& results);

} // namespace seaworthy::controls

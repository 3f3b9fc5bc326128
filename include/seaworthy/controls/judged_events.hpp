// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/check/settings.hpp"
#include "seaworthy/model/objects.hpp"

// Kubernetes Events that rules judge over a window, which may be longer than the API server keeps them.
namespace seaworthy::controls {

/// True: some rule counts such events over its window.
[[nodiscard]] bool is_judged_over_window(const model::Event& event);
/// The longest window over which an enabled check looks at events; 0: none does.
[[nodiscard]] seconds longest_event_window(const check::Settings& settings);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/config/events.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// Whether the sink's filter lets the event through. Controls, checks and namespaces are asked of findings only.
[[nodiscard]] bool wants(const config::Sink& sink, const state::EventRow& event);

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "seaworthy/config/events.hpp"
#include "seaworthy/events/encoding.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// The configured format, or the one that the type takes best.
[[nodiscard]] events::Format format_of(const config::Sink& sink, events::Format best);

/// 2026-08-21T09:14:03.482Z
[[nodiscard]] std::string iso_time(state::Milliseconds time);

/// Each event in `format`; or, where one cannot be written, the verdict that a receiver would give.
[[nodiscard]] tl::expected<std::vector<std::string>, Delivery> render(std::span<const state::EventRow> events, events::Format format);

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"
#include "sinks/dialect.hpp"

namespace seaworthy::sinks {

using Wall = std::function<state::Milliseconds()>; ///< since 1970; empty: the system's

/// Delivery::reason of a dialect whose receiver finds the events' times too old: it is asked to write the present time the next time.
constexpr std::string_view k_too_old = "too_old";

[[nodiscard]] std::unique_ptr<Transport> make_http(const config::Sink& sink, const Dialect& dialect, const std::string& user_agent, Wall wall = {});

} // namespace seaworthy::sinks

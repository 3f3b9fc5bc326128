// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"

namespace seaworthy::sinks {

/// One event a line, to standard output. A reader that stops reading holds up this sink alone.
[[nodiscard]] std::unique_ptr<Transport> make_stdout(const config::Sink& sink);
/// One event a line, appended to a file and synced to disk before it counts as delivered. Opened again when it was moved away.
[[nodiscard]] std::unique_ptr<Transport> make_file(const config::Sink& sink);

/// Lines to a descriptor of any kind that stays the caller's. For tests of pipes.
[[nodiscard]] std::unique_ptr<Transport> make_stream(const config::Sink& sink, int descriptor);

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/config/events.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::sinks {

/// RFC 5424: the event as one message of at most the sink's max_message bytes, shortened where it has to be. Without a byte order mark, which
/// §6.4 asks for before UTF-8: JSON parsers of receivers stumble over it. Nothing where the event cannot be made short enough; an empty string
/// where it cannot be written at all.
[[nodiscard]] std::optional<std::string> syslog_message(const config::Sink& sink, const state::EventRow& event, std::string_view host);

/// RFC 6587 §3.4.1 and RFC 5425 §4.3: octet counting.
[[nodiscard]] std::string syslog_frame(std::string_view message);

} // namespace seaworthy::sinks

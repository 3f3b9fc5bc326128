// SPDX-License-Identifier: Apache-2.0
// A record of any bytes: nothing, or one line without control characters, which is JSON where the format is.
#include <string_view>

#include <nlohmann/json.hpp>

#include "fuzz/fuzz_target.hpp"
#include "seaworthy/events/encoding.hpp"

using namespace seaworthy;
using events::Format;
using fuzz::require;

namespace {

void require_line(std::string_view line, bool tabs)
{
    for (const char c : line)
        require((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || (tabs && c == '\t'));
}

} // namespace

SEAWORTHY_FUZZ_TARGET(event_encoding, record)
{
    for (const auto format : {Format::ocsf, Format::ecs, Format::cloudevents, Format::otlp, Format::json}) {
        const auto line = events::encode(format, record);
        require_line(line, false);
        require(line.empty() || nlohmann::json::parse(line, nullptr, false).is_object());
    }
    require_line(events::encode(Format::cef, record), false);
    require_line(events::encode(Format::leef, record), true);
    if (const auto shrunk = events::shrink(record, record.size() / 2)) {
        require(shrunk->size() <= record.size() / 2);
        require_line(*shrunk, false);
        require(nlohmann::json::parse(*shrunk, nullptr, false).is_object());
    }
}

// SPDX-License-Identifier: Apache-2.0
// A record of any bytes: nothing, or one line without control characters, which is JSON where the format is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "seaworthy/events/encoding.hpp"

using namespace seaworthy;
using events::Format;

namespace {

void require(bool holds)
{
    if (!holds) std::abort();
}

void require_line(std::string_view line, bool tabs)
{
    for (const char c : line)
        require((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || (tabs && c == '\t'));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view record{reinterpret_cast<const char*>(data), size}; // NOLINT: libFuzzer's bytes
    for (const auto format : {Format::ocsf, Format::ecs, Format::cloudevents, Format::otlp, Format::json}) {
        const auto line = events::encode(format, record);
        require_line(line, false);
        require(line.empty() || nlohmann::json::parse(line, nullptr, false).is_object());
    }
    require_line(events::encode(Format::cef, record), false);
    require_line(events::encode(Format::leef, record), true);
    if (const auto shrunk = events::shrink(record, size / 2)) {
        require(shrunk->size() <= size / 2);
        require_line(*shrunk, false);
        require(nlohmann::json::parse(*shrunk, nullptr, false).is_object());
    }
    return 0;
}

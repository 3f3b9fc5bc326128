// SPDX-License-Identifier: Apache-2.0
// Other formats of an event, each rendered from its OCSF record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::events {

enum class Format : std::uint8_t {
    ocsf,        ///< the record as it is
    ecs,         ///< Elastic Common Schema 8, the record below `ocsf`
    cef,         ///< ArcSight Common Event Format, one line
    leef,        ///< QRadar Log Event Extended Format 2.0, tab-separated, one line
    cloudevents, ///< CloudEvents 1.0, structured mode, one event
    otlp,        ///< a logRecord of the OpenTelemetry protocol's JSON encoding
    json,        ///< flat members for log search without a schema
};
[[nodiscard]] std::string_view name(Format format);
[[nodiscard]] std::optional<Format> find_format(std::string_view name);

/// One event in `format`: UTF-8 without line feeds and control characters. `record` is a body as the store keeps it; one that is no JSON
/// object gives an empty string.
[[nodiscard]] std::string encode(Format format, std::string_view record);

/// The OCSF record in at most `max_bytes`: evidences, then observables, descriptions and labels are left out until it fits, and
/// `metadata.is_truncated` says so. Nothing where even that is too long.
[[nodiscard]] std::optional<std::string> shrink(std::string_view record, std::size_t max_bytes);

} // namespace seaworthy::events

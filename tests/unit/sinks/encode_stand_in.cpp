// SPDX-License-Identifier: Apache-2.0
// Stands in for the encoder of the module `events`, so that these tests see the record itself whatever the format. Without this file they use the
// real one.
#include "seaworthy/events/encoding.hpp"

namespace seaworthy::events {

std::string_view name(Format format)
{
    return format == Format::ecs ? "ecs" : format == Format::json ? "json" : "ocsf";
}

std::string encode(Format /*format*/, std::string_view record)
{
    return record.starts_with('{') ? std::string{record} : std::string{};
}

std::optional<std::string> shrink(std::string_view record, std::size_t max_bytes)
{
    const std::string shorter = R"({"metadata":{"is_truncated":true}})";
    if (record.find("stubborn") != std::string_view::npos || shorter.size() > max_bytes) return std::nullopt;
    return shorter;
}

} // namespace seaworthy::events

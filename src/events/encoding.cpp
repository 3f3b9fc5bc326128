// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/events/encoding.hpp"

#include <algorithm>
#include <array>

#include "events/encoders.hpp"
#include "events/record_view.hpp"

namespace seaworthy::events {
namespace {

struct FormatRow {
    Format format;
    std::string_view name;
    std::string (*encode)(const RecordView&);
};

std::string as_it_is(const RecordView& record)
{
    return record.line();
}

// In the order of the enumeration, which is how a row is found.
constexpr std::array<FormatRow, 7> k_formats{{
    {Format::ocsf, "ocsf", as_it_is},
    {Format::ecs, "ecs", to_ecs},
    {Format::cef, "cef", to_cef},
    {Format::leef, "leef", to_leef},
    {Format::cloudevents, "cloudevents", to_cloudevents},
    {Format::otlp, "otlp", to_otlp},
    {Format::json, "json", to_flat_json},
}};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < k_formats.size(); ++i)
        if (static_cast<std::size_t>(k_formats[i].format) != i) return false;
    return true;
}
static_assert(in_order());

} // namespace

std::string_view name(Format format)
{
    return k_formats.at(static_cast<std::size_t>(format)).name;
}

std::optional<Format> find_format(std::string_view name)
{
    const auto* found = std::ranges::find(k_formats, name, &FormatRow::name);
    if (found == k_formats.end()) return std::nullopt;
    return found->format;
}

std::string encode(Format format, std::string_view record)
{
    const auto view = RecordView::parse(record);
    return view ? k_formats.at(static_cast<std::size_t>(format)).encode(*view) : std::string{};
}

} // namespace seaworthy::events

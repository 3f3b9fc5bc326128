// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "seaworthy/publish/metrics.hpp"

namespace seaworthy::publish {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what comes before `separator` off the front of `rest`.
std::string_view take(std::string_view& rest, char separator)
{
    const auto part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    return trimmed(part);
}

/// RFC 9110 §12.4.2: 0 to 1 with up to three decimals. What is not one counts as 0: a client that cannot say it gets the default.
double quality(std::string_view text)
{
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool good = result.ec == std::errc{} && result.ptr == text.data() + text.size() && value >= 0 && value <= 1;
    return good ? value : 0;
}

struct MediaRange {
    std::string_view type;
    std::string_view version;
    double q = 1;
};

MediaRange parse_range(std::string_view text)
{
    MediaRange range;
    range.type = take(text, ';');
    while (!text.empty()) {
        auto parameter = take(text, ';');
        const auto name = take(parameter, '=');
        if (name == "q" || name == "Q")
            range.q = quality(parameter);
        else if (name == "version")
            range.version = parameter.size() > 1 && parameter.front() == '"' ? parameter.substr(1, parameter.size() - 2) : parameter;
    }
    return range;
}

} // namespace

std::string_view content_type(Exposition exposition)
{
    return exposition == Exposition::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                  : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition negotiate_exposition(std::string_view accept)
{
    double text = 0;
    double open_metrics = 0;
    while (!accept.empty()) {
        const auto range = parse_range(take(accept, ','));
        const bool any = range.type == "*/*";
        if (any || range.type == "text/*" || (range.type == "text/plain" && (range.version.empty() || range.version == "0.0.4")))
            text = std::max(text, range.q);
        // 0.0.1 is what older scrapers call the same format; a wildcard never asks for it.
        const bool served = range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1";
        if (range.type == "application/openmetrics-text" && served) open_metrics = std::max(open_metrics, range.q);
    }
    return open_metrics > text ? Exposition::open_metrics : Exposition::text;
}

} // namespace seaworthy::publish

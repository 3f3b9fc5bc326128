// SPDX-License-Identifier: Apache-2.0
#include "sinks/syslog_message.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seaworthy/base/printable.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Json = nlohmann::json;

// RFC 5424 §6: the longest of each.
constexpr std::size_t k_host_bytes = 255;
constexpr std::size_t k_message_id_bytes = 32;
constexpr std::size_t k_value_bytes = 512; ///< ours

/// RFC 5424 §6.2.1, from OCSF's severity_id.
int severity_of(int severity_id)
{
    constexpr int k_informational = 6;
    constexpr int k_critical = 2;
    return std::clamp(7 - severity_id, k_critical, k_informational);
}

/// PRINTUSASCII, or `-`.
std::string word(std::string_view text, std::size_t most)
{
    std::string result;
    for (const char c : text.substr(0, most))
        result += c > ' ' && c < '\x7f' ? c : '_';
    return result.empty() ? "-" : result;
}

/// §6.3.3: exactly `"`, `\` and `]` are escaped.
std::string parameter(std::string_view name, std::string_view value)
{
    if (value.empty()) return {};
    std::string text = fmt::format(" {}=\"", name);
    for (const char c : printable(value, k_value_bytes)) {
        if (c == '"' || c == '\\' || c == ']') text += '\\';
        text += c;
    }
    return text + '"';
}

/// resources[0].data.cluster of the record; empty without.
std::string cluster_of(const std::string& record)
{
    const auto json = Json::parse(record, nullptr, false);
    static const Json::json_pointer k_cluster{"/resources/0/data/cluster"};
    if (!json.is_object() || !json.contains(k_cluster) || !json.at(k_cluster).is_string()) return {};
    return json.at(k_cluster).get<std::string>();
}

std::string structured_data(const config::Sink& sink, const state::EventRow& event)
{
    if (sink.sd_id.empty()) return "-";
    return fmt::format("[{}{}{}{}]", word(sink.sd_id, k_message_id_bytes), parameter("cluster", cluster_of(event.body)),
                       parameter("namespace", event.ns), parameter("check", event.check));
}

} // namespace

std::optional<std::string> syslog_message(const config::Sink& sink, const state::EventRow& event, std::string_view host)
{
    const auto format = format_of(sink, events::Format::ocsf);
    const auto text = events::encode(format, event.body);
    if (text.empty()) return std::string{};
    // PROCID is nil: an event has the same bytes after a restart.
    const auto head = fmt::format("<{}>1 {} {} seaworthy - {} {} ", sink.facility * 8 + severity_of(event.severity), iso_time(event.created),
                                  word(host, k_host_bytes), word(event.code, k_message_id_bytes), structured_data(sink, event));
    const auto most = static_cast<std::size_t>(sink.max_message.bytes);
    if (head.size() + text.size() <= most) return head + text;
    if (head.size() >= most) return std::nullopt;
    const auto shorter = events::shrink(event.body, most - head.size());
    if (!shorter) return std::nullopt;
    auto message = head + events::encode(format, *shorter);
    return message.size() <= most ? std::optional{std::move(message)} : std::nullopt;
}

std::string syslog_frame(std::string_view message)
{
    return fmt::format("{} {}", message.size(), message);
}

} // namespace seaworthy::sinks

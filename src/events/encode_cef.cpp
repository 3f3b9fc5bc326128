// SPDX-License-Identifier: Apache-2.0
// CEF:0|vendor|product|version|signature|name|severity|key=value key=value
#include <algorithm>
#include <limits>

#include "events/encoders.hpp"
#include "events/record_view.hpp"
#include "events/severity_scale.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

constexpr auto k_whole = std::numeric_limits<std::size_t>::max();

struct Field {
    std::string_view key;
    std::string_view path;
    std::string_view label = {}; ///< custom fields say in a second field what they hold
};

// Keys of the CEF dictionary. deviceHostName is where rules look for what reports, which here is a cluster.
constexpr Field k_fields[] = {
    {"externalId", path::event_uid},
    {"act", path::event_code},
    {"cat", path::category},
    {"dvchost", path::cluster},
    {"reason", path::reason},
    {"cn1", path::sequence, "Sequence"},
    {"cs1", path::finding, "Finding"},
    {"cs2", path::control, "Control"},
    {"cs3", path::resource_type, "Resource type"},
    {"cs4", path::resource_namespace, "Namespace"},
    {"cs5", path::resource_name, "Resource name"},
    {"cs6", path::cluster_uid, "Cluster"},
    {"msg", path::message},
};

/// In the header a backslash and a pipe are escaped, an equals sign is not, and there are no line breaks.
std::string header(std::string_view text)
{
    std::string escaped;
    for (const char c : printable(text, k_whole)) {
        if (c == '\\' || c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

/// In a value a backslash and an equals sign are escaped, a pipe is not; line breaks are the letters n and r behind a backslash.
std::string value(std::string_view text)
{
    std::string escaped;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\n\r"), text.size());
        for (const char c : printable(text.substr(0, end), k_whole)) {
            if (c == '\\' || c == '=') escaped += '\\';
            escaped += c;
        }
        if (end < text.size()) escaped += text[end] == '\n' ? "\\n" : "\\r";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return escaped;
}

/// Of all fields but the first, which no space parts from the header.
void append(std::string& line, std::string_view key, std::string_view text)
{
    line.append(" ").append(key).append("=").append(value(text));
}

} // namespace

std::string to_cef(const RecordView& record)
{
    std::string line = "CEF:0|";
    constexpr std::string_view headers[] = {
        path::vendor,
        path::product,
        path::product_version,
        "finding_info.analytic.uid|metadata.event_code", // a finding's signature is its check
        "finding_info.title|finding_info.analytic.name|type_name|metadata.event_code",
    };
    for (const auto place : headers)
        line.append(header(record.text(place))).append("|");
    line.append(std::to_string(severity_of(record.integer("severity_id").value_or(0)).cef)).append("|");

    line.append("outcome=").append(record.outcome());
    if (const auto time = record.event_time(); time != 0) append(line, "start", std::to_string(time));
    for (const auto& field : k_fields) {
        const auto text = record.text(field.path);
        if (text.empty()) continue;
        if (!field.label.empty()) append(line, std::string{field.key} + "Label", field.label);
        append(line, field.key, text);
    }
    return line;
}

} // namespace seaworthy::events

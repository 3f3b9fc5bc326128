// SPDX-License-Identifier: Apache-2.0
#include "events/ocsf_parts.hpp"

#include <algorithm>
#include <array>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

using nlohmann::json;

constexpr std::string_view k_ocsf_version = "1.6.0";
constexpr std::array<std::string_view, 6> k_severities{"Unknown", "Informational", "Low", "Medium", "High", "Critical"};

} // namespace

int severity_id(check::Severity severity)
{
    return static_cast<int>(severity) + 1;
}

std::string_view severity_caption(int severity)
{
    return k_severities.at(static_cast<std::size_t>(severity));
}

std::string short_name(std::string_view text)
{
    return printable(text, k_name_bytes);
}

std::string short_text(std::string_view text)
{
    return printable(text, k_text_bytes);
}

std::string short_lines(std::string_view text)
{
    std::string lines;
    while (!text.empty() && lines.size() < k_text_bytes) {
        const auto end = std::min(text.find('\n'), text.size());
        if (!lines.empty()) lines += '\n';
        lines += printable(text.substr(0, end), k_text_bytes - std::min(lines.size(), k_text_bytes - 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    while (lines.ends_with('\n'))
        lines.pop_back();
    return lines;
}

json product(const Identity& identity)
{
    json object{{"name", "seaworthy"}, {"vendor_name", "seaworthy project"}, {"uid", "seaworthy"}};
    if (!identity.version.empty()) object["version"] = short_name(identity.version);
    return object;
}

json begin_record(const Frame& frame, const ClassFacts& facts, int activity, std::string_view activity_name, int severity, std::string_view log_name)
{
    json metadata{{"version", k_ocsf_version},         {"uid", frame.uid},     {"sequence", frame.sequence},  {"event_code", frame.code},
                  {"logged_time", frame.logged},       {"log_name", log_name}, {"log_provider", "seaworthy"}, {"labels", {"event_schema:1"}},
                  {"product", product(frame.identity)}};
    if (!frame.audit.empty()) metadata["correlation_uid"] = short_name(frame.audit);
    if (!frame.identity.cluster_uid.empty()) metadata["tenant_uid"] = short_name(frame.identity.cluster_uid);
    return {{"metadata", std::move(metadata)},
            {"category_uid", facts.category},
            {"category_name", facts.category_name},
            {"class_uid", facts.uid},
            {"class_name", facts.name},
            {"activity_id", activity},
            {"activity_name", activity_name},
            {"type_uid", facts.uid * 100 + activity},
            {"type_name", std::string{facts.name} + ": " + std::string{activity_name}},
            {"time", frame.time},
            {"timezone_offset", 0},
            {"severity_id", severity},
            {"severity", severity_caption(severity)}};
}

std::string write_record(const json& record)
{
    return record.dump(-1, ' ', false, json::error_handler_t::replace); // the default handler throws at broken UTF-8
}

} // namespace seaworthy::events

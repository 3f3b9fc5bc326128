// SPDX-License-Identifier: Apache-2.0
#include "controls/log_files.hpp"

#include <algorithm>
#include <functional>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/check/outside.hpp"

namespace seaworthy::controls {
namespace {

std::string_view trimmed(std::string_view text, std::string_view around = " \t\r")
{
    const auto first = text.find_first_not_of(around);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(around) - first + 1);
}

/// Lines without their surrounding space, without empty ones and comments.
void for_each_line(std::string_view text, const std::function<void(std::string_view)>& visit)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.front() != '#' && !line.starts_with("//")) visit(line);
    }
}

struct KeyAndValue {
    std::string key; ///< in lower case
    std::string_view value;
};

/// `key value`, or with an equals sign.
KeyAndValue split_setting(std::string_view line)
{
    const auto end = std::min(line.find_first_of(" \t="), line.size());
    return {to_lower(line.substr(0, end)), trimmed(line.substr(end), " \t=\"")};
}

bool is_address(std::string_view key)
{
    constexpr std::string_view k_keys[] = {"host", "hec_host", "hosts",   "endpoint", "endpoints",         "endpoint_url", "url",
                                           "uri",  "address",  "brokers", "domain",   "bootstrap_servers", "logs_endpoint"};
    return std::ranges::find(k_keys, key) != std::end(k_keys);
}

void add_address(LogOutputs& outputs, const KeyAndValue& setting)
{
    if (!outputs.empty() && outputs.back().host.empty() && is_address(setting.key)) outputs.back().host = host_of_setting(setting.value);
}

/// `[OUTPUT]`, then `Name splunk`.
LogOutputs fluent_bit(std::string_view text, std::string_view wanted)
{
    LogOutputs outputs;
    bool inside = false;
    for_each_line(text, [&](std::string_view line) {
        if (line.front() == '[') {
            inside = to_lower(line) == wanted;
            if (inside) outputs.push_back({});
            return;
        }
        if (!inside) return;
        const auto setting = split_setting(line);
        if (setting.key == "name")
            outputs.back().kind = setting.value;
        else
            add_address(outputs, setting);
    });
    return outputs;
}

/// `<match **>` and the `<store>` in it have an `@type`; so have `<buffer>` and `<format>`, which are no outputs.
LogOutputs fluentd(std::string_view text)
{
    LogOutputs outputs;
    std::vector<std::string> blocks;
    const auto in_output = [&] { return std::ranges::any_of(blocks, [](const auto& block) { return block == "match" || block == "store"; }); };
    for_each_line(text, [&](std::string_view line) {
        if (line.starts_with("</")) {
            if (!blocks.empty()) blocks.pop_back();
        } else if (line.front() == '<') {
            blocks.emplace_back(line.substr(1, line.find_first_of(" >\t") - 1));
        } else if (in_output()) {
            const auto setting = split_setting(line);
            if (setting.key == "@type" && (blocks.back() == "match" || blocks.back() == "store"))
                outputs.push_back({std::string{setting.value}, {}});
            else
                add_address(outputs, setting);
        }
    });
    return outputs;
}

/// `[sinks.splunk]`, then `type = "splunk_hec_logs"`. A deeper table, `[sinks.splunk.encoding]`, is part of the sink.
LogOutputs vector_toml(std::string_view text)
{
    LogOutputs outputs;
    bool inside = false;
    bool direct = false;
    for_each_line(text, [&](std::string_view line) {
        if (line.front() == '[') {
            inside = line.starts_with("[sinks.");
            direct = inside && std::ranges::count(line, '.') == 1;
            if (direct) outputs.push_back({});
        } else if (inside && !outputs.empty()) {
            const auto setting = split_setting(line);
            if (direct && setting.key == "type")
                outputs.back().kind = setting.value;
            else
                add_address(outputs, setting);
        }
    });
    return outputs;
}

/// The component that begins with this line of Alloy's: `loki.write "default" {`; empty for any other line.
std::string_view alloy_component(std::string_view line)
{
    const auto name = line.substr(0, line.find_first_of(" \t"));
    return line.ends_with('{') && name.find('.') != std::string_view::npos ? name : std::string_view{};
}

LogOutputs alloy(std::string_view text)
{
    LogOutputs outputs;
    bool inside = false;
    for_each_line(text, [&](std::string_view line) {
        constexpr std::string_view k_exporter = "otelcol.exporter.";
        if (const auto component = alloy_component(line); !component.empty()) {
            inside = component == "loki.write" || component == "loki.echo" || component.starts_with(k_exporter);
            if (component == "loki.write") outputs.push_back({"loki", {}});
            if (component == "loki.echo") outputs.push_back({"stdout", {}});
            if (component.starts_with(k_exporter)) outputs.push_back({std::string{component.substr(k_exporter.size())}, {}});
        } else if (inside) {
            add_address(outputs, split_setting(line));
        }
    });
    return outputs;
}

bool has_line(std::string_view text, const std::function<bool(std::string_view)>& is_it)
{
    bool found = false;
    for_each_line(text, [&](std::string_view line) { found = found || is_it(line); });
    return found;
}

bool is_fluent_bit(std::string_view line)
{
    const auto section = to_lower(line);
    return section == "[output]" || section == "[input]" || section == "[service]";
}

bool is_alloy(std::string_view line)
{
    const auto component = alloy_component(line);
    return component.starts_with("loki.") || component.starts_with("otelcol.") || component.starts_with("discovery.");
}

} // namespace

std::optional<LogOutputs> outputs_of_lines(std::string_view text)
{
    if (has_line(text, is_fluent_bit)) return fluent_bit(text, "[output]");
    if (has_line(text, [](auto line) { return line.starts_with("<match") || line.starts_with("<source>"); })) return fluentd(text);
    if (has_line(text, [](auto line) { return line.starts_with("[sinks.") || line.starts_with("[sources."); })) return vector_toml(text);
    if (has_line(text, is_alloy)) return alloy(text);
    return std::nullopt;
}

std::vector<std::string> inputs_of_lines(std::string_view text)
{
    std::vector<std::string> inputs;
    if (has_line(text, is_fluent_bit)) {
        for (auto& input : fluent_bit(text, "[input]"))
            inputs.push_back(std::move(input.kind));
    } else if (has_line(text, is_alloy)) {
        for_each_line(text, [&](std::string_view line) {
            if (const auto component = alloy_component(line); !component.empty()) inputs.emplace_back(component);
        });
    }
    return inputs;
}

std::string host_of_setting(std::string_view value)
{
    value = trimmed(value, " \t[]\"'");
    value = value.substr(0, value.find_first_of(", \"'"));
    constexpr std::size_t k_longest_host = 260; // with a port
    if (value.size() > k_longest_host && value.find("://") == std::string_view::npos) return {};
    if (value.empty() || value.find('$') != std::string_view::npos || value.find("#{") != std::string_view::npos) return {};
    if (const auto scheme = value.find("://"); scheme != std::string_view::npos)
        return check::host_of_url("https://" + std::string{value.substr(scheme + 3)});
    return check::host_of_url("https://" + std::string{value});
}

} // namespace seaworthy::controls

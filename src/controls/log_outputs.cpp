// SPDX-License-Identifier: Apache-2.0
#include "controls/log_outputs.hpp"

#include <algorithm>

#include "controls/log_files.hpp"
#include "seaworthy/check/outside.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using model::Value;

/// Letters and digits alone, in lower case: `splunkHec`, `splunk_hec` and `splunk-hec` are written the same.
std::string plain(std::string_view kind)
{
    std::string out;
    for (const char c : kind) {
        if (c >= 'A' && c <= 'Z')
            out += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
    }
    return out;
}

/// The product behind a kind: Vector's `datadog_logs`, `gcp_chronicle_unstructured` and Fluentd's `elasticsearch`.
std::string product_of(std::string_view kind)
{
    auto name = plain(kind);
    for (const std::string_view end : {"unstructured", "logs"})
        if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
    if (name.starts_with("gcp") && name.size() > 3) name.erase(0, 3);
    return name == "elasticsearch" ? "es" : name;
}

constexpr std::string_view k_nowhere[] = {"null", "stdout", "file",    "blackhole", "console", "debug",   "logging",
                                          "nop",  "count",  "counter", "exit",      "print",   "discard", "lokiecho"};
constexpr std::string_view k_relays[] = {"forward", "otlp", "otlphttp", "opentelemetry", "vector", "lumberjack", "logstash", "http"};
/// They hand records on inside the agent.
constexpr std::string_view k_switches[] = {"copy",      "relabel",     "rewritetagfilter", "roundrobin",       "route",  "retag",    "recordreformer",
                                           "label",     "labelrouter", "flowcounter",      "detectexceptions", "statsd", "influxdb", "execfilter",
                                           "processors"};

/// Names under which products write where an output goes.
constexpr std::string_view k_address_keys[] = {
    "host",    "hec_host", "hechost", "hosts",  "endpoint", "endpoints", "endpoint_url",      "url",          "uri",          "urls", "address",
    "brokers", "server",   "servers", "domain", "hec_url",  "clients",   "bootstrap_servers", "hec_endpoint", "logs_endpoint"};

bool is_address_key(std::string_view key)
{
    const auto same = [&](std::string_view known) { return plain(known) == plain(key); };
    return std::ranges::any_of(k_address_keys, same);
}

constexpr int k_depth = 5;

/// The first address in a tree; what comes from the environment is not one.
std::string address_in(const Value& value, int depth = 0)
{
    if (value.kind() == Value::Kind::text) return host_of_setting(value.text());
    if (depth > k_depth) return {};
    for (const auto& item : value.items())
        if (auto found = address_in(item, depth + 1); !found.empty()) return found;
    for (const auto& [key, member] : value.members()) {
        const bool nested = member.kind() == Value::Kind::object || member.kind() == Value::Kind::array;
        if (!nested && !is_address_key(key)) continue;
        if (member.kind() == Value::Kind::array && !is_address_key(key)) continue;
        if (auto found = address_in(member, depth + 1); !found.empty()) return found;
    }
    return {};
}

/// A list of outputs, each with its kind in a member: Fluent Bit's YAML.
LogOutputs outputs_in_list(const Value& list, std::string_view kind_key)
{
    LogOutputs outputs;
    for (const auto& item : list.items())
        outputs.push_back({std::string{item[kind_key].text()}, address_in(item)});
    return outputs;
}

/// Filebeat: `output.elasticsearch: {…}`, or the same nested.
LogOutputs outputs_of_beat(const Value& root)
{
    LogOutputs outputs;
    constexpr std::string_view k_prefix = "output.";
    for (const auto& [key, value] : root.members()) {
        if (key.view().starts_with(k_prefix)) outputs.push_back({std::string{key.view().substr(k_prefix.size())}, address_in(value)});
        if (key != "output") continue;
        for (const auto& [kind, settings] : value.members())
            outputs.push_back({kind.str(), address_in(settings)});
    }
    return outputs;
}

std::optional<LogOutputs> outputs_of_tree(const Value& root)
{
    if (root["service"].exists() && root["exporters"].exists()) return outputs_of_collector(root);
    if (root["pipeline"].exists()) return outputs_in_list(root.at("pipeline.outputs"), "name");
    if (root["sinks"].exists()) {
        LogOutputs outputs;
        for (const auto& [name, sink] : root["sinks"].members())
            outputs.push_back({std::string{sink["type"].text()}, address_in(sink)});
        return outputs;
    }
    if (root["scrape_configs"].exists() && root["clients"].exists()) return LogOutputs{{"loki", address_in(root["clients"])}};
    if (auto outputs = outputs_of_beat(root); !outputs.empty()) return outputs;
    return std::nullopt;
}

} // namespace

OutputRank rank_of(const LogOutput& output)
{
    const auto kind = plain(output.kind);
    const auto listed = [&](const auto& list) { return std::ranges::find(list, kind) != std::end(list); };
    if (listed(k_switches) || kind.ends_with("metrics") || kind.starts_with("prometheus")) return OutputRank::none;
    if (listed(k_nowhere)) return OutputRank::nowhere;
    return listed(k_relays) ? OutputRank::relay : OutputRank::store;
}

bool is_kind_of(std::string_view kind, const std::vector<std::string>& kinds)
{
    return std::ranges::any_of(kinds, [&](const std::string& wanted) { return product_of(wanted) == product_of(kind); });
}

LogOutputs outputs_of_collector(const Value& config)
{
    LogOutputs outputs;
    for (const auto& [name, pipeline] : config.at("service.pipelines").members()) {
        if (name != "logs" && !name.view().starts_with("logs/")) continue;
        for (const auto& exporter : pipeline["exporters"].items()) {
            // A name that is no exporter is a connector: it leads to another pipeline.
            const auto id = exporter.text();
            const auto defined = std::ranges::any_of(config["exporters"].members(), [&](const auto& each) { return each.key == id; });
            if (defined) outputs.push_back({std::string{id.substr(0, id.find('/'))}, address_in(config["exporters"][id])});
        }
    }
    return outputs;
}

LogOutputs outputs_of_spec(const Value& spec)
{
    LogOutputs outputs;
    for (const auto& [key, value] : spec.members()) {
        if (value.kind() != Value::Kind::object) continue;
        if (key == "customPlugin") {
            if (auto written = outputs_of_text("[OUTPUT]\n" + std::string{value["config"].text()}))
                outputs.insert(outputs.end(), written->begin(), written->end());
        } else {
            outputs.push_back({key.str(), address_in(value)});
        }
    }
    return outputs;
}

LogOutputs outputs_of_forwarder(const Value& spec)
{
    LogOutputs outputs;
    for (const auto& pipeline : spec["pipelines"].items()) {
        // `default` is the log store that OpenShift keeps inside the cluster.
        if (pipeline["outputRefs"].contains("default")) outputs.push_back({"lokiStack", {}});
        for (const auto& output : spec["outputs"].items())
            if (pipeline["outputRefs"].contains(output["name"].text())) outputs.push_back({std::string{output["type"].text()}, address_in(output)});
    }
    return outputs;
}

std::optional<LogOutputs> outputs_of_text(std::string_view text)
{
    if (auto outputs = outputs_of_lines(text)) return outputs;
    const auto tree = model::JsonText::parse_yaml(text);
    return tree ? outputs_of_tree(tree->root()) : std::nullopt;
}

} // namespace seaworthy::controls

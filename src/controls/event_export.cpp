// SPDX-License-Identifier: Apache-2.0
#include "controls/event_export.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/attestations.hpp"
#include "controls/config_maps.hpp"
#include "controls/evidence.hpp"
#include "controls/log_files.hpp"
#include "controls/log_shippers.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Container;
using model::Value;
using model::Workload;

constexpr std::string_view k_collectors = "opentelemetrycollectors.opentelemetry.io";
constexpr Software k_exporters[] = {
    {"Event exporter", "*event-exporter*"},
    {"Eventrouter", "*eventrouter*"},
    {"New Relic", "newrelic/nri-kube-events, nri-kube-events"},
};
constexpr Software k_datadog[] = {{"Datadog cluster agent", "datadog*/cluster-agent, datadoghq/cluster-agent"}};
/// Agents that export events if they are told to.
constexpr Software k_agents[] = {
    {"Grafana Alloy", "grafana/alloy, grafana/agent"},
    {"OpenTelemetry Collector", "*opentelemetry-collector*, *splunk-otel-collector*, sumologic-otel-collector"},
    {"Fluent Bit", "*fluent-bit*"},
    {"Elastic Agent", "elastic-agent/elastic-agent, beats/elastic-agent, elastic-agent"},
};

/// `DD_COLLECT_KUBERNETES_EVENTS: "false"` on any container.
bool is_switched_off(const Workload& workload)
{
    bool off = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env)
            off = off || (variable.name == "DD_COLLECT_KUBERNETES_EVENTS" && variable.value == "false");
    });
    return off;
}

/// k8s_events, or k8sobjects, which takes whatever kinds it is told to.
bool receives_events(std::string_view id, const Value& config)
{
    const auto type = id.substr(0, id.find('/'));
    if (type == "k8s_events") return true;
    const auto& objects = config["receivers"][id]["objects"].items();
    return type == "k8sobjects" && std::ranges::any_of(objects, [](const Value& object) { return object["name"].text() == "events"; });
}

bool collects_events(const Value& config)
{
    for (const auto& [name, pipeline] : config.at("service.pipelines").members()) {
        const auto& receivers = pipeline["receivers"].items();
        if (std::ranges::any_of(receivers, [&](const Value& receiver) { return receives_events(receiver.text(), config); })) return true;
    }
    return false;
}

bool is_fluent_bit_input(const Value& input)
{
    return input["name"].text() == "kubernetes_events";
}

/// What one file says; nothing where it is of no known format.
std::optional<bool> exports_events(std::string_view text)
{
    const auto inputs = inputs_of_lines(text);
    if (!inputs.empty())
        return std::ranges::any_of(inputs,
                                   [](const auto& input) { return input == "loki.source.kubernetes_events" || input == "kubernetes_events"; });
    const auto tree = model::JsonText::parse_yaml(text);
    if (!tree) return std::nullopt;
    if (tree->at("service.pipelines").exists()) return collects_events(tree->root());
    if ((*tree)["pipeline"].exists()) return std::ranges::any_of(tree->at("pipeline.inputs").items(), is_fluent_bit_input);
    return std::nullopt;
}

struct Finding {
    bool exports = false;
    std::optional<Verdict> unread;
};

Finding by_resource(const Workload& workload, const Context& context)
{
    if (const auto* gap = context.gap(k_collectors, workload.ns)) return {false, context.unknown_for(*gap)};
    for (const auto* collector : context.index.documents_in(k_collectors, workload.ns)) {
        if (collector->meta.name != workload.name) continue;
        const auto& config = collector->at("spec.config");
        if (config.kind() != Value::Kind::text) return {collects_events(config), std::nullopt};
        const auto tree = model::JsonText::parse_yaml(config.text());
        return {tree && collects_events(tree->root()), std::nullopt};
    }
    return {false, check::unknown(Reason::unobservable, fmt::format("The resource that made {} is not there", name_of(workload)))};
}

Finding by_files(const Workload& workload, const Context& context)
{
    Finding finding;
    const auto files = config_files_of(workload, context);
    bool understood = false;
    for (const auto text : files.texts)
        if (const auto exports = exports_events(text)) {
            understood = true;
            finding.exports = finding.exports || *exports;
        }
    if (files.unread)
        finding.unread = *files.unread;
    else if (!understood)
        finding.unread = check::unknown(Reason::unobservable, fmt::format("The ConfigMaps of {} are of no known format", name_of(workload)));
    return finding;
}

/// On every node, Fluent Bit would export each event once a node: nobody has it do so.
bool is_out_of_question(const Installation& agent)
{
    return agent.readiness == Readiness::not_ready || (agent.software->name == "Fluent Bit" && runs_on_nodes(*agent.workload));
}

Verdict exported(const Workload& workload)
{
    return check::pass(fmt::format("{} keeps events", name_of(workload))).proven();
}

Verdict or_attested_export(Verdict verdict, const Context& context)
{
    return or_attested(std::move(verdict), context, "eventsExported", "Events are kept", {"WL"});
}

} // namespace

Verdict judge_events_exported(const Context& context)
{
    const auto exporters = find_software(context, k_exporters);
    for (const auto& exporter : exporters)
        if (exporter.readiness == Readiness::ready) return exported(*exporter.workload);
    for (const auto& agent : find_software(context, k_datadog))
        if (agent.readiness == Readiness::ready && !is_switched_off(*agent.workload)) return exported(*agent.workload);
    std::optional<Verdict> unread;
    for (const auto& agent : find_software(context, k_agents)) {
        if (is_out_of_question(agent)) continue;
        const auto& workload = *agent.workload;
        auto finding = workload.api_version.view().starts_with("opentelemetry.io/") ? by_resource(workload, context) : by_files(workload, context);
        if (finding.exports) return exported(workload);
        if (!unread) unread = std::move(finding.unread);
    }
    if (unread) {
        const auto* gap = first_gap(context, "*", {"WL"});
        auto verdict = gap != nullptr ? context.unknown_for(*gap) : *std::move(unread);
        return exporters.empty() ? or_attested_export(std::move(verdict), context) : verdict;
    }
    if (auto verdict = unobservable_in_manifests(context, "what keeps events")) return std::move(*verdict);
    if (!exporters.empty())
        return check::warn(fmt::format("{} is installed, and does not run", name_of(*exporters.front().workload)))
            .by_absence()
            .with("word", "not-ready");
    return or_attested_export(check::warn("Nothing exports events: the API server forgets them after an hour").by_absence(), context);
}

} // namespace seaworthy::controls

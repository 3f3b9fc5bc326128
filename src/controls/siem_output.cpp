// SPDX-License-Identifier: Apache-2.0
#include "controls/siem_output.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "controls/attestations.hpp"
#include "controls/config_maps.hpp"
#include "controls/evidence.hpp"
#include "controls/log_outputs.hpp"
#include "controls/log_shippers.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Workload;

constexpr std::string_view k_collectors = "opentelemetrycollectors.opentelemetry.io";

/// Agents of a vendor, whose destination needs no configuration to be known.
struct VendorAgent {
    std::string_view repositories;
    std::string_view kind;
};
constexpr VendorAgent k_vendor_agents[] = {
    {"datadog*/agent, datadoghq/agent", "datadog"},
    {"sumologic-otel-collector, kubernetes-fluentd", "sumologic"},
    {"*splunk-otel-collector*, splunk/fluentd-hec", "splunk_hec"},
    {"elastic-agent/elastic-agent, beats/elastic-agent, elastic-agent", "elastic-agent"},
    {"newrelic-fluentbit-output", "newrelic"},
    {"azuremonitor/containerinsights*/*, azuremonitor/containerinsights*", "azure_monitor"},
    {"dynatrace*/*, dynatrace*", "dynatrace"},
};

/// Where one agent's logs go, as far as it shows.
struct Trail {
    LogOutputs outputs;
    std::optional<Verdict> unread; ///< set where there may be more
};

void add(Trail& trail, LogOutputs outputs)
{
    for (auto& output : outputs) {
        const bool open = output.kind.empty() || output.kind.find('$') != std::string::npos || output.kind.find("#{") != std::string::npos;
        if (!open)
            trail.outputs.push_back(std::move(output));
        else if (!trail.unread)
            trail.unread = check::unknown(Reason::unobservable, "The environment of an agent decides what kind of output it has");
    }
}

// --- custom resources of the operator that made the agent ---

LogOutputs outputs_of_lists(const Context& context, std::initializer_list<std::string_view> lists,
                            const std::function<LogOutputs(const model::Value&)>& outputs_of)
{
    LogOutputs outputs;
    for (const auto list : lists)
        for (const auto& document : context.inventory.documents_of(list)) {
            auto more = outputs_of(document["spec"]);
            outputs.insert(outputs.end(), more.begin(), more.end());
        }
    return outputs;
}

LogOutputs outputs_of_collector_resource(const Workload& workload, const Context& context)
{
    for (const auto* collector : context.index.documents_in(k_collectors, workload.ns)) {
        if (collector->meta.name != workload.name) continue;
        const auto& config = collector->at("spec.config");
        if (config.kind() != model::Value::Kind::text) return outputs_of_collector(config);
        const auto tree = model::JsonText::parse_yaml(config.text()); // v1alpha1 has it as one text
        return tree ? outputs_of_collector(tree->root()) : LogOutputs{};
    }
    return {};
}

/// The group of the API that the agent's owner belongs to: "fluentbit.fluent.io".
std::string_view group_of_owner(const Workload& workload)
{
    const auto version = workload.api_version.view();
    return version.substr(0, version.find('/'));
}

/// Nothing for an agent that no logging operator made.
std::optional<Trail> trail_of_operator(const Workload& workload, const Context& context)
{
    using Lists = std::initializer_list<std::string_view>;
    const Lists fluent = {"clusteroutputs.fluentbit.fluent.io", "outputs.fluentbit.fluent.io"};
    const Lists banzai = {"outputs.logging.banzaicloud.io", "clusteroutputs.logging.banzaicloud.io"};
    const Lists openshift = {"clusterlogforwarders.observability.openshift.io", "clusterlogforwarders.logging.openshift.io"};
    const auto group = group_of_owner(workload);
    const auto told = [&](Lists lists, LogOutputs outputs) {
        Trail trail;
        add(trail, std::move(outputs));
        if (const auto* gap = first_gap(context, "*", lists)) trail.unread = context.unknown_for(*gap);
        return trail;
    };
    if (group == "fluentbit.fluent.io") return told(fluent, outputs_of_lists(context, fluent, outputs_of_spec));
    if (group == "logging.banzaicloud.io") return told(banzai, outputs_of_lists(context, banzai, outputs_of_spec));
    if (group == "opentelemetry.io") return told({k_collectors}, outputs_of_collector_resource(workload, context));
    if (group == "observability.openshift.io" || group == "logging.openshift.io")
        return told(openshift, outputs_of_lists(context, openshift, outputs_of_forwarder));
    return std::nullopt;
}

// --- files ---

Trail trail_of_files(const Workload& workload, const Context& context)
{
    Trail trail;
    auto files = config_files_of(workload, context);
    bool understood = false;
    for (const auto text : files.texts)
        if (auto outputs = outputs_of_text(text)) {
            understood = true;
            add(trail, std::move(*outputs));
        }
    if (files.unread)
        trail.unread = std::move(files.unread);
    else if (!understood)
        trail.unread = check::unknown(Reason::unobservable, fmt::format("The ConfigMaps of {} are of no known format", name_of(workload)));
    return trail;
}

/// Datadog's agent leaves logs alone unless it is told otherwise, and both its chart and its operator write down which it is.
bool is_told_to_leave_logs(const Workload& workload)
{
    bool told = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env)
            told = told || (variable.name == "DD_LOGS_ENABLED" && variable.value == "false");
    });
    return told;
}

Trail trail_of(const Workload& workload, const Context& context)
{
    if (is_told_to_leave_logs(workload)) return {};
    for (const auto& vendor : k_vendor_agents)
        if (has_image(workload, vendor.repositories)) return {{{std::string{vendor.kind}, {}}}, std::nullopt};
    if (auto trail = trail_of_operator(workload, context)) return std::move(*trail);
    return trail_of_files(workload, context);
}

// --- aggregators ---

/// Service and namespace of a host inside the cluster; nothing for any other.
std::optional<std::pair<std::string_view, std::string_view>> service_of(std::string_view host, std::string_view own_ns, const Context& context)
{
    host = host.substr(0, host.find(':'));
    const auto dot = host.find('.');
    if (host.empty()) return std::nullopt;
    if (dot == std::string_view::npos) return std::pair{host, own_ns};
    const auto rest = host.substr(dot + 1);
    const auto ns = rest.substr(0, rest.find('.'));
    const auto domain = rest.substr(std::min(ns.size() + 1, rest.size()));
    const bool inside = domain == "svc" || domain.starts_with("svc.") || (domain.empty() && context.index.find_namespace(ns) != nullptr);
    return inside ? std::optional{std::pair{host.substr(0, dot), ns}} : std::nullopt;
}

/// What gathers logs behind a Service: the one of that name, else the only one in its namespace.
const Workload* aggregator_behind(std::string_view service, std::string_view ns, const Context& context)
{
    const Workload* only = nullptr;
    std::size_t count = 0;
    for (const auto& installation : find_log_software(context)) {
        const auto& workload = *installation.workload;
        if (workload.ns != ns || runs_on_nodes(workload)) continue;
        if (service.starts_with(workload.name.view())) return &workload;
        only = &workload;
        ++count;
    }
    return count == 1 ? only : nullptr;
}

/// Follows relays to aggregators inside the cluster, once.
Trail followed(Trail trail, const Workload& from, const Context& context)
{
    Trail end;
    end.unread = std::move(trail.unread);
    for (auto& output : trail.outputs) {
        const auto inside = rank_of(output) == OutputRank::relay ? service_of(output.host, from.ns, context) : std::nullopt;
        const auto* next = inside ? aggregator_behind(inside->first, inside->second, context) : nullptr;
        if (next != nullptr) {
            auto further = trail_of(*next, context);
            end.outputs.insert(end.outputs.end(), further.outputs.begin(), further.outputs.end());
            if (further.unread && !end.unread) end.unread = std::move(further.unread);
        } else if (rank_of(output) == OutputRank::relay && (inside || output.host.empty()) && !end.unread) {
            end.unread =
                check::unknown(Reason::unobservable, fmt::format("{} hands its logs on by {}{}; where they go from there is not visible",
                                                                 name_of(from), output.kind, output.host.empty() ? "" : " to " + output.host));
            end.outputs.push_back(std::move(output));
        } else {
            end.outputs.push_back(std::move(output));
        }
    }
    return end;
}

// --- the verdict ---

bool is_siem(const LogOutput& output, const Context& context)
{
    if (rank_of(output) == OutputRank::none || rank_of(output) == OutputRank::nowhere) return false;
    if (is_kind_of(output.kind, context.parameters.list("siemKinds"))) return true;
    const auto& endpoints = context.parameters.list("siemEndpoints");
    return !output.host.empty() &&
           (glob_match_any(endpoints, output.host) || glob_match_any(endpoints, output.host.substr(0, output.host.find(':'))));
}

Verdict with_output(Verdict verdict, const LogOutput& output)
{
    verdict.evidence.emplace_back("output", output.kind);
    if (!output.host.empty()) verdict.evidence.emplace_back("host", output.host);
    return verdict;
}

std::string described(const LogOutput& output)
{
    return output.host.empty() ? output.kind : fmt::format("{} at {}", output.kind, output.host);
}

/// No output of a visible agent is a SIEM.
Verdict without_siem(const Trail& all, const Context& context)
{
    if (all.unread) {
        const auto* gap = first_gap(context, "*", {"WL"});
        return gap != nullptr ? context.unknown_for(*gap) : *all.unread;
    }
    const auto kept = std::ranges::find_if(
        all.outputs, [](const auto& output) { return rank_of(output) == OutputRank::store || rank_of(output) == OutputRank::relay; });
    if (kept != all.outputs.end())
        return with_output(check::warn(fmt::format("Logs are kept ({}), and reach no SIEM", described(*kept))), *kept).by_absence();
    return check::fail("Logs are collected, and reach neither a SIEM nor a store").by_absence();
}

Verdict or_attested_siem(Verdict verdict, const Context& context)
{
    return or_attested(std::move(verdict), context, "logsToSiem", "Logs reach a SIEM", {"WL"});
}

} // namespace

Verdict judge_siem_output(const Context& context)
{
    const auto shippers = find_shippers(context);
    std::vector<const Workload*> agents;
    for (const auto& shipper : shippers.found)
        if (shipper.readiness != Readiness::not_ready) agents.push_back(shipper.workload);
    if (shippers.through_api != nullptr) agents.push_back(shippers.through_api->workload);
    if (agents.empty()) {
        if (auto verdict = unobservable_in_manifests(context, "where logs go")) return std::move(*verdict);
        auto verdict = check::not_applicable("No log shipper is ready: log-shipper-present judges that");
        return shippers.found.empty() ? or_attested_siem(std::move(verdict), context) : verdict;
    }
    Trail all;
    for (const auto* agent : agents) {
        auto trail = followed(trail_of(*agent, context), *agent, context);
        const auto siem = std::ranges::find_if(trail.outputs, [&](const auto& output) { return is_siem(output, context); });
        if (siem != trail.outputs.end())
            return with_output(check::pass(fmt::format("{} sends logs to {}", name_of(*agent), described(*siem))), *siem).proven();
        all.outputs.insert(all.outputs.end(), trail.outputs.begin(), trail.outputs.end());
        if (trail.unread && !all.unread) all.unread = std::move(trail.unread);
    }
    // Where every output is seen and none is a SIEM, no statement makes one of them a SIEM.
    const bool hidden = all.unread.has_value();
    auto verdict = without_siem(all, context);
    return hidden ? or_attested_siem(std::move(verdict), context) : verdict;
}

} // namespace seaworthy::controls

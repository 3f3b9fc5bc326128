// SPDX-License-Identifier: Apache-2.0
#include "controls/log_shippers.hpp"
#include "attestations.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

namespace seaworthy::controls {
namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::pass;
using check::Reason;
using check::unknown;
using check::Verdict;
using check::warn;

constexpr std::array k_log_shippers{
    Software{"Fluent Bit", "*fluent-bit*"},
    Software{"Fluentd", "fluent/fluentd*, fluentd*, kubernetes-fluentd, openshift-logging/fluentd-rhel*"},
    Software{"Vector", "timberio/vector, openshift-logging/vector-rhel*, vector-rhel*"},
    Software{"Promtail", "grafana/promtail"},
    Software{"Filebeat", "beats/filebeat, filebeat"},
    Software{"Azure Monitor", "azuremonitor/containerinsights*/*, azuremonitor/containerinsights*"},
    Software{"New Relic Fluent Bit output", "newrelic-fluentbit-output"},
};

/// Agents that collect logs only where they are told to: they count with the node's logs mounted.
constexpr std::array k_general_agents{
    Software{"Grafana Alloy", "grafana/alloy, grafana/agent"},
    Software{"OpenTelemetry Collector", "*opentelemetry-collector*"},
    Software{"Splunk OpenTelemetry Collector", "*splunk-otel-collector*"},
    Software{"Datadog Agent", "datadog*/agent, datadoghq/agent"},
    Software{"Sumo Logic OpenTelemetry Collector", "sumologic-otel-collector"},
    Software{"Elastic Agent", "elastic-agent/elastic-agent, beats/elastic-agent, elastic-agent"},
    Software{"Dynatrace", "dynatrace*/*, dynatrace*"},
};

/// Mounts /var/log or what lies below it from the node.
bool reads_node_logs(const model::Workload& workload)
{
    return std::ranges::any_of(workload.templates, [](const auto* pod_template) {
        return std::ranges::any_of(pod_template->spec->volumes, [](const model::Volume& volume) {
            const auto path = volume.source.view();
            return volume.kind == model::Volume::Kind::host_path &&
                   (path == "/var/log" || path == "/var/log/" || path.starts_with("/var/log/pods") || path.starts_with("/var/log/containers"));
        });
    });
}

struct OptOut {
    std::string_view key;
    std::string_view value;
};
constexpr std::array k_opt_outs{
    OptOut{"fluentbit.io/exclude", "true"},
    OptOut{"co.elastic.logs/enabled", "false"},
    OptOut{"vector.dev/exclude", "true"},
    OptOut{"sumologic.com/exclude", "true"},
};

/// Datadog's is for the pod or for one container: ad.datadoghq.com/<container>.logs_exclude.
bool is_datadog_opt_out(std::string_view key, std::string_view value)
{
    return key.starts_with("ad.datadoghq.com/") && key.ends_with("logs_exclude") && value == "true";
}

bool ships_logs(const model::Workload& workload)
{
    const auto runs = [&](const Software& software) { return has_image(workload, software.repositories); };
    return std::ranges::any_of(k_log_shippers, runs) || std::ranges::any_of(k_general_agents, runs);
}

} // namespace

Shippers find_shippers(const Context& context)
{
    Shippers shippers;
    for (const auto& shipper : find_software(context, k_log_shippers))
        if (runs_on_nodes(*shipper.workload)) shippers.found.push_back(shipper);
    shippers.agents = find_software(context, k_general_agents);
    for (const auto& agent : shippers.agents) {
        if (runs_on_nodes(*agent.workload) && reads_node_logs(*agent.workload))
            shippers.found.push_back(agent);
        else if (agent.software == &k_general_agents.front() && !runs_on_nodes(*agent.workload))
            shippers.through_api = &agent;
    }
    return shippers;
}

/// No shipper is there; only one that its daemons run on no node speaks against a statement that something else collects.
Verdict without_shipper(const Shippers& shippers)
{
    if (shippers.through_api != nullptr)
        return unknown(Reason::unobservable, fmt::format("{} may read logs through the API server; its configuration is not read",
                                                         name_of(*shippers.through_api->workload)));
    if (!shippers.agents.empty())
        return fail(fmt::format("{} runs, but does not mount the nodes' logs, and nothing else collects them",
                                name_of(*shippers.agents.front().workload)))
            .by_absence();
    return fail("No DaemonSet that collects container logs was found").by_absence();
}

Verdict judge_log_shipper(const Context& context)
{
    const auto shippers = find_shippers(context);
    for (const auto& shipper : shippers.found) {
        if (shipper.readiness != Readiness::ready) continue;
        auto verdict = pass(fmt::format("{} collects container logs ({})", shipper.software->name, name_of(*shipper.workload))).proven();
        if (shipper.software->name == "Promtail")
            verdict.evidence.emplace_back("note", "Promtail is at the end of its life: Grafana Alloy replaces it");
        return verdict;
    }
    if (auto unobservable = unobservable_in_manifests(context, "whether logs are collected")) return *std::move(unobservable);
    if (!shippers.found.empty() && shippers.through_api == nullptr)
        return fail(fmt::format("{} is installed, but runs on no node", name_of(*shippers.found.front().workload)))
            .by_absence()
            .with("word", "not-ready");
    auto verdict = without_shipper(shippers);
    if (!shippers.found.empty()) return verdict;
    return or_attested(std::move(verdict), context, "logShipping", "Container logs are collected outside the API's sight", {"WL"});
}

/// Nodes on which a DaemonSet cannot run, or that are too new or too broken to judge.
bool is_left_out(const model::Node& node, Timestamp now)
{
    const auto& labels = node.meta.labels;
    if (labels.is("eks.amazonaws.com/compute-type", "fargate") || labels.is("type", "virtual-kubelet")) return true;
    return !node.ready() || (node.meta.created.known() && !node.meta.created.at_least(std::chrono::minutes{10}, now));
}

std::vector<Installation> find_log_software(const Context& context)
{
    auto found = find_software(context, k_log_shippers);
    const auto agents = find_software(context, k_general_agents);
    found.insert(found.end(), agents.begin(), agents.end());
    return found;
}

bool is_log_software(std::string_view image)
{
    const auto is_of = [&](const Software& software) { return is_image_of(image, software.repositories); };
    return std::ranges::any_of(k_log_shippers, is_of) || std::ranges::any_of(k_general_agents, is_of);
}

double NodeCoverage::percent() const
{
    return nodes == 0 ? 0 : 100.0 * static_cast<double>(nodes - missing.size()) / static_cast<double>(nodes);
}

NodeCoverage coverage_of(const std::vector<Installation>& installations, const Context& context)
{
    std::set<std::string_view> covered;
    for (const auto& installation : installations)
        for (const auto* pod : installation.workload->pods)
            if (pod->ready) covered.insert(pod->node_name);
    NodeCoverage coverage;
    for (const auto& node : context.inventory.nodes) {
        if (is_left_out(node, context.now)) continue;
        ++coverage.nodes;
        if (!covered.contains(node.meta.name)) coverage.missing.add(node.meta.name.str());
    }
    return coverage;
}

Verdict judge_shipper_coverage(const Context& context)
{
    const auto shippers = find_shippers(context);
    if (shippers.found.empty()) return not_applicable("No log shipper runs on the nodes");
    const auto coverage = coverage_of(shippers.found, context);
    if (coverage.nodes == 0) return not_applicable("No ready node to judge");
    if (const auto* gap = context.gap("pods"); gap != nullptr && !coverage.missing.empty()) return context.unknown_for(*gap);
    const auto share = coverage.percent();
    const auto message = fmt::format("A log shipper is ready on {} of {} nodes", coverage.nodes - coverage.missing.size(), coverage.nodes);
    if (share >= 99) return pass(message).with("share", share);
    return (share >= 90 ? warn(message) : fail(message)).with("share", share).with("nodes", coverage.missing.values());
}

Verdict judge_log_opt_out(const model::Workload& workload, const Context&)
{
    if (ships_logs(workload)) return not_applicable("It ships logs itself, and has to leave its own out").proven();
    std::string found;
    const auto look = [&](const model::StringMap& map) {
        for (const auto& entry : map) {
            const bool known = std::ranges::any_of(k_opt_outs, [&](const OptOut& row) { return entry.key == row.key && entry.value == row.value; });
            if ((known || is_datadog_opt_out(entry.key, entry.value)) && (found.empty() || entry.key.view() < found)) found = entry.key.str();
        }
    };
    for (const auto* pod_template : workload.templates) {
        look(pod_template->labels);
        look(pod_template->annotations);
    }
    for (const auto* pod : workload.pods) {
        look(pod->labels());
        look(pod->annotations());
    }
    if (!found.empty()) return warn(fmt::format("Its logs are left out on request ({})", found)).with("key", found);
    return pass("Nothing keeps its logs from being collected");
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/metrics_stack.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;

/// These need exporters beside them to know about objects and nodes.
constexpr std::array k_prometheus{
    Software{"Prometheus", "prom/prometheus, prometheus/prometheus, openshift4/ose-prometheus, prometheus-rhel*"},
    Software{"VictoriaMetrics", "victoriametrics/vmagent, victoriametrics/victoria-metrics"},
    Software{"Grafana Alloy", "grafana/alloy, grafana/agent"},
    Software{"OpenTelemetry Collector", "*opentelemetry-collector*"},
};
/// These bring their own, and keep the metrics elsewhere.
constexpr std::array k_agents{
    Software{"Datadog Agent", "datadog*/agent, datadoghq/agent"},
    Software{"New Relic", "newrelic/nri-kubernetes, newrelic/infrastructure-k8s, newrelic/infrastructure-bundle"},
    Software{"Dynatrace", "dynatrace/dynatrace-operator, dynatrace/oneagent, dynatrace*/*"},
    Software{"Sysdig", "sysdig/agent, sysdig/agent-slim"},
    Software{"Google Managed Prometheus", "prometheus-engine/prometheus, prometheus-engine/operator"},
    Software{"Azure Monitor", "azuremonitor/containerinsights/*, prometheus-collector/images"},
    Software{"CloudWatch agent", "cloudwatch-agent/cloudwatch-agent, amazon/cloudwatch-agent"},
};
constexpr std::array k_state{Software{"kube-state-metrics", "kube-state-metrics/kube-state-metrics, kube-state-metrics*, ose-kube-state-metrics"}};
constexpr std::array k_node{Software{"node-exporter", "prometheus/node-exporter, prom/node-exporter, node-exporter*, ose-prometheus-node-exporter"}};

/// The best of the products: ready, or nullptr.
template <std::size_t N>
const Software* find_ready(const Context& context, const std::array<Software, N>& products, bool& installed)
{
    for (const auto& installation : find_software(context, products)) {
        installed = true;
        if (installation.readiness == Readiness::ready) return installation.software;
    }
    return nullptr;
}

} // namespace

Verdict judge_metrics_stack(const Context& context)
{
    bool installed = false;
    if (const auto* agent = find_ready(context, k_agents, installed)) return check::pass(fmt::format("{} collects metrics", agent->name)).proven();
    if (const auto* prometheus = find_ready(context, k_prometheus, installed)) {
        bool any = false;
        NameList missing;
        if (find_ready(context, k_state, any) == nullptr) missing.add("kube-state-metrics");
        if (find_ready(context, k_node, any) == nullptr) missing.add("node-exporter");
        if (missing.empty()) return check::pass(fmt::format("{} collects metrics of objects and nodes", prometheus->name)).proven();
        // A collector of OpenTelemetry may read the kubelets itself, and one that only takes traces looks the same.
        return check::warn(fmt::format("{} runs without {}", prometheus->name, missing.text())).by_absence().with("missing", missing.values());
    }
    if (installed) return check::fail("What collects metrics is not ready").by_absence();
    if (auto verdict = unobservable_in_manifests(context, "what collects metrics")) return std::move(*verdict);
    return check::fail("Nothing collects and keeps metrics").by_absence();
}

std::string_view find_hosted_agent(const Context& context)
{
    for (const auto& installation : find_software(context, k_agents))
        if (installation.readiness == Readiness::ready && installation.software->name != "Google Managed Prometheus")
            return installation.software->name;
    return {};
}

} // namespace seaworthy::controls

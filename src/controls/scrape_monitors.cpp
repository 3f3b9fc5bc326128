// SPDX-License-Identifier: Apache-2.0
#include "controls/scrape_monitors.hpp"

#include <algorithm>
#include <charconv>

#include "controls/service_ports.hpp"
#include "controls/template_parts.hpp"
#include "controls/value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using model::Container;
using model::Document;
using model::Value;
using model::Workload;
using Targets = MonitorKind::Targets;
using Taker = MonitorKind::Taker;

constexpr SelectorPair k_service_monitors{"serviceMonitorSelector", "serviceMonitorNamespaceSelector"};
constexpr SelectorPair k_pod_monitors{"podMonitorSelector", "podMonitorNamespaceSelector"};
constexpr SelectorPair k_service_scrapes{"serviceScrapeSelector", "serviceScrapeNamespaceSelector"};
constexpr SelectorPair k_pod_scrapes{"podScrapeSelector", "podScrapeNamespaceSelector"};
constexpr MonitorKind k_kinds[] = {
    {"servicemonitors.monitoring.coreos.com", "ServiceMonitor", "endpoints", Targets::services, Taker::prometheus, k_service_monitors},
    {"podmonitors.monitoring.coreos.com", "PodMonitor", "podMetricsEndpoints", Targets::pods, Taker::prometheus, k_pod_monitors},
    {"vmservicescrapes.operator.victoriametrics.com", "VMServiceScrape", "endpoints", Targets::services, Taker::victoria_metrics, k_service_scrapes},
    {"vmpodscrapes.operator.victoriametrics.com", "VMPodScrape", "podMetricsEndpoints", Targets::pods, Taker::victoria_metrics, k_pod_scrapes},
    {"podmonitorings.monitoring.googleapis.com", "PodMonitoring", "endpoints", Targets::pods, Taker::provider, {}},
    {"clusterpodmonitorings.monitoring.googleapis.com", "ClusterPodMonitoring", "endpoints", Targets::pods, Taker::provider, {}},
    {"servicemonitors.azmonitoring.coreos.com", "ServiceMonitor", "endpoints", Targets::services, Taker::provider, {}},
    {"podmonitors.azmonitoring.coreos.com", "PodMonitor", "podMetricsEndpoints", Targets::pods, Taker::provider, {}},
};

/// Istio's sample monitor for its proxies goes by this path, through the proxy's own container.
constexpr std::string_view k_proxy_path = "/stats/prometheus";

/// A port that is declared: by its name, or by its number, which may be written as a text.
bool declares_port(const Workload& workload, const Value& port)
{
    int number = static_cast<int>(port.number_or(0));
    const auto text = port.text();
    std::from_chars(text.data(), text.data() + text.size(), number);
    bool declared = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& each : container.ports)
            declared = declared || (!text.empty() && each.name == text) || (number != 0 && each.container_port == number);
    });
    return declared;
}

/// Google's agent takes a number whether or not a container declares it.
bool fits_pod_endpoint(const MonitorKind& kind, const Value& endpoint, const Workload& workload)
{
    const auto& port = endpoint["port"];
    if (port.kind() == Value::Kind::number && kind.taker == Taker::provider) return true;
    for (const std::string_view key : {"port", "portNumber", "targetPort"})
        if (endpoint[key].exists()) return declares_port(workload, endpoint[key]);
    return true; // every port
}

bool fits_service_endpoint(const Value& endpoint, const model::Service& service, const Workload& workload)
{
    if (endpoint["port"].text().empty() && endpoint["targetPort"].exists()) return declares_port(workload, endpoint["targetPort"]);
    return std::ranges::any_of(service.ports, [&](const model::ServicePort& port) {
        if (!endpoint["port"].text().empty() && port.name != endpoint["port"].text()) return false;
        return std::ranges::any_of(workload.templates, [&](const auto* each) { return !containers_behind(*each, port).containers.empty(); });
    });
}

template <typename Fits>
Fit best_endpoint(const MonitorKind& kind, const Document& monitor, Fits fits)
{
    auto best = Fit::no_port;
    for (const auto& endpoint : monitor["spec"][kind.endpoints].items()) {
        if (endpoint["path"].text() == k_proxy_path)
            best = std::max(best, Fit::mesh);
        else if (fits(endpoint))
            return Fit::fits;
    }
    return best;
}

bool selects_pods(const Document& monitor, const Workload& workload)
{
    const auto& selector = monitor.at("spec.selector");
    return std::ranges::any_of(workload.templates, [&](const auto* each) { return selector_matches(selector, each->labels); }) ||
           std::ranges::any_of(workload.pods, [&](const auto* pod) { return selector_matches(selector, pod->labels()); });
}

/// vmagent: without selectors it takes all or nothing by selectAllByDefault, with one for namespaces alone all that is there.
bool vm_takes(const Document& agent, const SelectorPair& pair, const Document& monitor, const Context& context)
{
    const auto& spec = agent["spec"];
    if (spec[pair.objects].exists()) return takes(agent, pair, monitor, context);
    if (spec[pair.namespaces].exists()) return takes_namespace(agent, pair.namespaces, monitor, context);
    return spec["selectAllByDefault"].is_true();
}

template <typename Takes>
bool any_takes(const Context& context, std::initializer_list<std::string_view> lists, Takes takes_it)
{
    return std::ranges::any_of(lists, [&](std::string_view list) { return std::ranges::any_of(context.inventory.documents_of(list), takes_it); });
}

} // namespace

std::span<const MonitorKind> monitor_kinds()
{
    return k_kinds;
}

const MonitorKind* monitor_kind_of(const Document& monitor)
{
    const auto* kind = std::ranges::find_if(k_kinds, [&](const MonitorKind& each) { return each.kind == monitor.kind.view(); });
    return kind == std::end(k_kinds) ? nullptr : kind;
}

bool looks_in(const Document& monitor, std::string_view ns)
{
    if (monitor.meta.ns.empty()) return true;
    const auto& wanted = monitor.at("spec.namespaceSelector");
    if (wanted["any"].is_true() || wanted["matchNames"].contains(ns)) return true;
    return wanted["matchNames"].size() == 0 && monitor.meta.ns == ns;
}

bool has_port(const Value& endpoint, const model::Service& service)
{
    const auto wanted = endpoint["port"].text();
    return wanted.empty() || std::ranges::any_of(service.ports, [&](const model::ServicePort& port) { return port.name == wanted; });
}

Fit fit_of(const MonitorKind& kind, const Document& monitor, const Workload& workload, std::span<const model::Service* const> services)
{
    if (!looks_in(monitor, workload.ns)) return Fit::none;
    if (kind.targets == Targets::pods) {
        if (!selects_pods(monitor, workload)) return Fit::none;
        return best_endpoint(kind, monitor, [&](const Value& endpoint) { return fits_pod_endpoint(kind, endpoint, workload); });
    }
    auto best = Fit::none;
    for (const auto* service : services) {
        if (!selector_matches(monitor.at("spec.selector"), service->meta.labels)) continue;
        best =
            std::max(best, best_endpoint(kind, monitor, [&](const Value& endpoint) { return fits_service_endpoint(endpoint, *service, workload); }));
    }
    return best;
}

Taken is_taken(const MonitorKind& kind, const Document& monitor, const Context& context)
{
    if (kind.taker == Taker::provider) return Taken::yes;
    if (kind.taker == Taker::victoria_metrics) {
        const bool taken = any_takes(context, {"vmagents.operator.victoriametrics.com", "vmsingles.operator.victoriametrics.com"},
                                     [&](const Document& agent) { return vm_takes(agent, kind.selectors, monitor, context); });
        return taken ? Taken::yes : Taken::no;
    }
    if (any_takes(context, {"prometheuses.monitoring.coreos.com", "prometheusagents.monitoring.coreos.com"},
                  [&](const Document& prometheus) { return takes(prometheus, kind.selectors, monitor, context); }))
        return Taken::yes;
    return find_other_taker(context) != nullptr ? Taken::perhaps : Taken::no;
}

} // namespace seaworthy::controls

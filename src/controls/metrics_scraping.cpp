// SPDX-License-Identifier: Apache-2.0
#include "controls/metrics_scraping.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "controls/value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Service;
using model::Workload;

/// Whose collectors read a monitor.
enum class Family { prometheus_operator, victoria_metrics, managed };

struct MonitorKind {
    std::string_view resource;
    std::string_view kind;
    Family family;
    bool of_services; ///< it selects Services and names their ports; else pods
    bool everywhere;  ///< it selects in all namespaces
};
constexpr std::array k_monitor_kinds{
    MonitorKind{"servicemonitors.monitoring.coreos.com", "ServiceMonitor", Family::prometheus_operator, true, false},
    MonitorKind{"podmonitors.monitoring.coreos.com", "PodMonitor", Family::prometheus_operator, false, false},
    MonitorKind{"servicemonitors.azmonitoring.coreos.com", "ServiceMonitor", Family::managed, true, false},
    MonitorKind{"podmonitors.azmonitoring.coreos.com", "PodMonitor", Family::managed, false, false},
    MonitorKind{"vmservicescrapes.operator.victoriametrics.com", "VMServiceScrape", Family::victoria_metrics, true, false},
    MonitorKind{"vmpodscrapes.operator.victoriametrics.com", "VMPodScrape", Family::victoria_metrics, false, false},
    MonitorKind{"podmonitorings.monitoring.googleapis.com", "PodMonitoring", Family::managed, false, false},
    MonitorKind{"clusterpodmonitorings.monitoring.googleapis.com", "ClusterPodMonitoring", Family::managed, false, true},
};

/// Collectors of one family, and where they say which monitors they read.
struct CollectorKind {
    std::string_view resource;
    Family family;
    std::string_view services; ///< prefix of the two selectors of monitors of Services
    std::string_view pods;
};
constexpr std::array k_collector_kinds{
    CollectorKind{"prometheuses.monitoring.coreos.com", Family::prometheus_operator, "serviceMonitor", "podMonitor"},
    CollectorKind{"prometheusagents.monitoring.coreos.com", Family::prometheus_operator, "serviceMonitor", "podMonitor"},
    CollectorKind{"vmagents.operator.victoriametrics.com", Family::victoria_metrics, "serviceScrape", "podScrape"},
    CollectorKind{"vmsingles.operator.victoriametrics.com", Family::victoria_metrics, "serviceScrape", "podScrape"},
};

/// They read the Prometheus operator's monitors too, by settings that are not in the API.
constexpr std::array k_other_readers{
    Software{"Grafana Alloy", "grafana/alloy, grafana/agent"},
    Software{"the OpenTelemetry target allocator", "opentelemetry-operator/target-allocator, target-allocator*"},
};
/// They find targets by annotations where nobody but their own configuration file tells them what to scrape.
constexpr std::array k_annotation_scrapers{
    Software{"Prometheus", "prom/prometheus, prometheus/prometheus"},
    Software{"vmagent", "victoriametrics/vmagent"},
};

bool namespace_matches(const model::Value& selector, std::string_view ns, const Context& context)
{
    static const model::StringMap k_no_labels;
    const auto* found = context.index.find_namespace(ns);
    return namespace_selector_matches(selector, found != nullptr ? found->meta.labels : k_no_labels, ns);
}

/// prometheus-operator api.md: no selector selects nothing, no namespace selector the collector's own namespace, an empty one all.
/// VictoriaMetrics' operator: neither selects nothing unless selectAllByDefault, a namespace selector alone everything there.
bool collects(const Document& collector, const CollectorKind& kind, const Document& monitor, bool of_services, const Context& context)
{
    const auto prefix = of_services ? kind.services : kind.pods;
    const auto& spec = collector["spec"];
    const auto& selector = spec[fmt::format("{}Selector", prefix)];
    const auto& namespaces = spec[fmt::format("{}NamespaceSelector", prefix)];
    if (!selector.exists()) {
        if (kind.family == Family::prometheus_operator) return false;
        if (!namespaces.exists()) return spec["selectAllByDefault"].is_true();
    }
    const bool there = namespaces.exists() ? namespace_matches(namespaces, monitor.meta.ns, context)
                                           : collector.meta.ns == monitor.meta.ns || spec["selectAllByDefault"].is_true();
    return there && selector_matches(selector, monitor.meta.labels);
}

bool is_collected(const Document& monitor, const MonitorKind& kind, const Context& context)
{
    if (kind.family == Family::managed) return true; // the provider's collector reads them all
    return std::ranges::any_of(k_collector_kinds, [&](const CollectorKind& collectors) {
        return collectors.family == kind.family &&
               std::ranges::any_of(context.inventory.documents_of(collectors.resource),
                                   [&](const Document& each) { return collects(each, collectors, monitor, kind.of_services, context); });
    });
}

/// Who may read the Prometheus operator's monitors besides a Prometheus; nullptr: nobody.
const Software* other_reader(const MonitorKind& kind, const Context& context)
{
    if (kind.family != Family::prometheus_operator) return nullptr;
    const auto found = find_software(context, k_other_readers);
    return found.empty() ? nullptr : found.front().software;
}

bool looks_into(const Document& monitor, const MonitorKind& kind, std::string_view ns)
{
    if (kind.everywhere) return true;
    const auto& namespaces = monitor.at("spec.namespaceSelector");
    if (namespaces["any"].is_true()) return true;
    const auto& names = namespaces["matchNames"];
    return names.size() > 0 ? names.contains(ns) : monitor.meta.ns == ns;
}

/// A port as an endpoint writes it: number or name.
bool is_port(const model::Value& written, std::int32_t number, std::string_view name)
{
    if (!written.text().empty()) return written.text() == name || written.text() == fmt::to_string(number);
    return written.exists() && static_cast<std::int32_t>(written.number_or(0)) == number && number != 0;
}

bool reaches_service(const Document& monitor, const Service& service)
{
    return std::ranges::any_of(monitor.at("spec.endpoints").items(), [&](const model::Value& endpoint) {
        return std::ranges::any_of(service.ports, [&](const auto& port) {
            if (!endpoint["port"].text().empty()) return port.name == endpoint["port"].text();
            const auto target = port.target_port.empty() ? fmt::to_string(port.port) : port.target_port.str();
            std::int32_t number = 0;
            std::from_chars(target.data(), target.data() + target.size(), number);
            return is_port(endpoint["targetPort"], number, target);
        });
    });
}

bool reaches_pods(const Document& monitor, const MonitorKind& kind, const model::PodSpec& spec)
{
    const auto& endpoints = monitor.at(kind.family == Family::managed && kind.kind != "PodMonitor" ? "spec.endpoints" : "spec.podMetricsEndpoints");
    return std::ranges::any_of(endpoints.items(), [&](const model::Value& endpoint) {
        // A number need not be declared by the pod.
        if (endpoint["portNumber"].exists() || endpoint["port"].number_or(0) > 0 || endpoint["targetPort"].number_or(0) > 0) return true;
        const auto name = endpoint["port"].text().empty() ? endpoint["targetPort"].text() : endpoint["port"].text();
        return std::ranges::any_of(spec.containers, [&](const auto& container) {
            return std::ranges::any_of(container.ports, [&](const auto& port) { return !name.empty() && port.name == name; });
        });
    });
}

bool selects_pods_of(const Document& monitor, const MonitorKind& kind, const Workload& workload)
{
    const auto& selector = monitor.at("spec.selector");
    const auto hit = [&](const model::StringMap& labels, const model::PodSpec* spec) {
        return spec != nullptr && selector_matches(selector, labels) && reaches_pods(monitor, kind, *spec);
    };
    return std::ranges::any_of(workload.templates, [&](const auto* pod_template) { return hit(pod_template->labels, pod_template->spec); }) ||
           std::ranges::any_of(workload.pods, [&](const auto* pod) { return hit(pod->labels(), pod->spec()); });
}

bool selects_service(const Document& monitor, const Service& service)
{
    return selector_matches(monitor.at("spec.selector"), service.meta.labels) && reaches_service(monitor, service);
}

/// The monitors of a workload: one that is collected, or else why the first one is not.
struct Monitoring {
    std::string monitor; ///< empty: none selects it
    bool collected = false;
    const Software* perhaps = nullptr; ///< nobody is known to read it but this one might
};

Monitoring find_monitoring(const Workload& workload, const Context& context)
{
    Monitoring found;
    const auto services = context.index.services_of(workload);
    for (const auto& kind : k_monitor_kinds) {
        for (const auto& monitor : context.inventory.documents_of(kind.resource)) {
            if (!looks_into(monitor, kind, workload.ns)) continue;
            const bool selects = kind.of_services
                                     ? std::ranges::any_of(services, [&](const auto* service) { return selects_service(monitor, *service); })
                                     : selects_pods_of(monitor, kind, workload);
            if (!selects) continue;
            const auto name = fmt::format("{} {}/{}", kind.kind, monitor.meta.ns.view(), monitor.meta.name.view());
            if (is_collected(monitor, kind, context)) return {name, true, nullptr};
            if (found.monitor.empty()) found = {name, false, other_reader(kind, context)};
        }
    }
    return found;
}

bool asks_to_be_scraped(const model::StringMap& annotations)
{
    return annotations.is("prometheus.io/scrape", "true");
}

/// Annotations and variables by which an agent or the application itself brings the metrics away.
std::string_view pushed_by(const Workload& workload, const Context& context)
{
    const auto says = [](const model::StringMap& annotations) -> std::string_view {
        for (const auto& [key, value] : annotations) {
            const auto name = key.view();
            if (name.starts_with("ad.datadoghq.com/") && (name.ends_with(".checks") || name.ends_with(".check_names")))
                return "Datadog's annotations";
            if (name.starts_with("instrumentation.opentelemetry.io/inject-") && value != "false") return "OpenTelemetry's injected instrumentation";
        }
        return {};
    };
    for (const auto* pod_template : workload.templates)
        if (const auto by = says(pod_template->annotations); !by.empty()) return by;
    if (const auto* ns = context.index.find_namespace(workload.ns); ns != nullptr)
        if (const auto by = says(ns->meta.annotations); !by.empty()) return by;
    std::string_view by;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env)
            if (variable.name == "OTEL_EXPORTER_OTLP_ENDPOINT" || variable.name == "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") by = variable.name.view();
    });
    return by;
}

/// A scraper that follows annotations: one that no operator configures.
Readiness annotation_scraper(const Context& context, bool& installed)
{
    auto best = Readiness::not_ready;
    for (const auto& scraper : find_software(context, k_annotation_scrapers)) {
        if (scraper.workload->operator_owned()) continue;
        installed = true;
        if (scraper.readiness == Readiness::ready) best = Readiness::ready;
        if (scraper.readiness == Readiness::not_observed && best == Readiness::not_ready) best = Readiness::not_observed;
    }
    return best;
}

std::optional<Verdict> judge_annotations(const Workload& workload, const Context& context)
{
    const auto services = context.index.services_of(workload);
    const bool written = std::ranges::any_of(workload.templates, [](const auto* each) { return asks_to_be_scraped(each->annotations); }) ||
                         std::ranges::any_of(services, [](const auto* service) { return asks_to_be_scraped(service->meta.annotations); });
    const bool added = std::ranges::any_of(workload.pods, [](const auto* pod) { return asks_to_be_scraped(pod->annotations()); });
    if (!written && !added) return std::nullopt;
    bool installed = false;
    const auto scraper = annotation_scraper(context, installed);
    if (installed && scraper == Readiness::not_observed)
        return check::unknown(check::Reason::unobservable,
                              "Its annotations ask to be scraped; whether a scraper that follows them runs is not visible");
    const bool follows = installed && scraper == Readiness::ready;
    if (written && follows) {
        // Where no controller was read, its pods stand for the template, and a mesh may have annotated them.
        auto verdict = check::pass("A scraper that follows annotations collects its metrics");
        return workload.controllers.empty() ? resting_on(std::move(verdict), context, workload.ns, {"WL"}) : std::move(verdict).proven();
    }
    if (written)
        return check::warn("It is annotated with prometheus.io/scrape, and no scraper follows annotations: what an operator runs does not")
            .by_absence();
    if (follows)
        return check::warn("Only metrics of its mesh proxy are collected: the annotation was added to its pods, not to its template").by_absence();
    return std::nullopt;
}

} // namespace

Verdict judge_scraping(const Workload& workload, const Context& context)
{
    if (workload.kind == "Job" || workload.kind == "CronJob") return check::not_applicable("Batch work ends before it is scraped").proven();
    if (names_workload(context.parameters.list("allow"), workload)) return check::not_applicable("The workload is allowed by `allow`").proven();
    if (!workload.runs() && !context.inventory.cluster.partial) return check::not_applicable("No pod runs");
    const auto monitoring = find_monitoring(workload, context);
    if (monitoring.collected)
        return check::pass(fmt::format("{} collects its metrics", monitoring.monitor)).proven().with("monitor", monitoring.monitor);
    if (const auto by = pushed_by(workload, context); !by.empty()) return check::pass(fmt::format("Its metrics are taken by {}", by)).proven();
    auto annotated = judge_annotations(workload, context);
    if (annotated && annotated->status == check::Status::pass) return *std::move(annotated);
    if (monitoring.perhaps != nullptr)
        return check::unknown(check::Reason::unobservable,
                              fmt::format("{} selects it; no Prometheus reads that monitor, and whether {} does is not visible", monitoring.monitor,
                                          monitoring.perhaps->name));
    if (annotated) return *std::move(annotated);
    if (!monitoring.monitor.empty())
        return check::fail(fmt::format("{} selects it, but no collector selects that monitor", monitoring.monitor))
            .by_absence()
            .with("monitor", monitoring.monitor);
    return check::fail("Nothing collects metrics of its own").by_absence();
}

Verdict judge_monitor(const Document& monitor, const Context& context)
{
    const auto* const kind = std::ranges::find_if(
        k_monitor_kinds, [&](const MonitorKind& row) { return row.family == Family::prometheus_operator && row.kind == monitor.kind.view(); });
    if (kind == k_monitor_kinds.end()) return check::not_applicable("No monitor of the Prometheus operator");
    if (!is_collected(monitor, *kind, context)) {
        if (const auto* reader = other_reader(*kind, context))
            return check::unknown(check::Reason::unobservable,
                                  fmt::format("No Prometheus selects it; whether {} reads it is not visible", reader->name));
        return check::warn("No Prometheus selects this monitor: compare its labels and namespace with serviceMonitorSelector and podMonitorSelector")
            .by_absence();
    }
    bool port_missing = false;
    bool selected = false;
    const auto& selector = monitor.at("spec.selector");
    if (kind->of_services) {
        for (const auto& service : context.inventory.services) {
            if (!looks_into(monitor, *kind, service.meta.ns) || !selector_matches(selector, service.meta.labels)) continue;
            selected = selected || reaches_service(monitor, service);
            port_missing = port_missing || !selected;
        }
    } else {
        for (const auto& workload : context.index.workloads()) {
            if (!looks_into(monitor, *kind, workload.ns)) continue;
            selected = selected || selects_pods_of(monitor, *kind, workload);
            port_missing =
                port_missing ||
                (!selected && std::ranges::any_of(workload.templates, [&](const auto* each) { return selector_matches(selector, each->labels); }));
        }
    }
    if (selected) return check::pass("It selects something, and a Prometheus selects it").proven();
    if (port_missing) return check::warn("What it selects has none of the ports that its endpoints name").by_absence();
    return check::warn(kind->of_services ? "It selects no Service" : "It selects no pod").by_absence();
}

} // namespace seaworthy::controls

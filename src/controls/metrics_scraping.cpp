// SPDX-License-Identifier: Apache-2.0
#include "controls/metrics_scraping.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/scrape_monitors.hpp"
#include "controls/template_parts.hpp"
#include "controls/value_selector.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Container;
using model::Document;
using model::StringMap;
using model::Workload;

constexpr std::string_view k_scrape = "prometheus.io/scrape";
constexpr Software k_datadog[] = {{"Datadog Agent", "datadog*/agent, datadoghq/agent"}};

std::string described(const MonitorKind& kind, const Document& monitor)
{
    return monitor.meta.ns.empty() ? fmt::format("{} {}", kind.kind, monitor.meta.name.view())
                                   : fmt::format("{} {}/{}", kind.kind, monitor.meta.ns.view(), monitor.meta.name.view());
}

// --- what the pods themselves say ---

bool is_set_to(const model::EnvVar& variable, std::string_view name, std::string_view value)
{
    return variable.name == name && variable.value == value;
}

/// OpenTelemetry's SDK pushes metrics to this address, unless it is told to leave them.
bool pushes(const Workload& workload)
{
    bool pushes = false;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        bool address = false;
        bool off = false;
        for (const auto& variable : container.env) {
            address = address || variable.name == "OTEL_EXPORTER_OTLP_ENDPOINT" || variable.name == "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
            off = off || is_set_to(variable, "OTEL_METRICS_EXPORTER", "none") || is_set_to(variable, "OTEL_SDK_DISABLED", "true");
        }
        pushes = pushes || (address && !off);
    });
    return pushes;
}

/// instrumentation.opentelemetry.io/inject-java and its like: "true", or the name of an Instrumentation.
bool asks_for_instrumentation(const StringMap& annotations)
{
    return std::ranges::any_of(annotations, [](const auto& entry) {
        return entry.key.view().starts_with("instrumentation.opentelemetry.io/inject-") && entry.value != "false" &&
               !entry.key.view().ends_with("/inject-sdk");
    });
}

bool is_instrumented(const Workload& workload, const Context& context)
{
    const auto* ns = context.index.find_namespace(workload.ns);
    return std::ranges::any_of(workload.templates, [](const auto* each) { return asks_for_instrumentation(each->annotations); }) ||
           (ns != nullptr && asks_for_instrumentation(ns->meta.annotations));
}

bool has_datadog_checks(const Workload& workload)
{
    return std::ranges::any_of(workload.templates, [](const auto* each) {
        return std::ranges::any_of(each->annotations, [](const auto& entry) {
            const auto key = entry.key.view();
            return key.starts_with("ad.datadoghq.com/") && (key.ends_with(".checks") || key.ends_with(".check_names"));
        });
    });
}

/// Templates that are only known from pods: what an injector put there looks like the owner's.
bool is_known_from_pods(const Workload& workload)
{
    return workload.controllers.empty();
}

/// On the template or a Service. What only pods have was put there by an injector, for its own proxy: Istio's goes by this path.
bool asks_for_scraping(const Workload& workload, const Context& context)
{
    const auto asks = [&](const model::PodTemplate* each) {
        const bool proxy = is_known_from_pods(workload) && each->annotations.is("prometheus.io/path", "/stats/prometheus");
        return each->annotations.is(k_scrape, "true") && !proxy;
    };
    return std::ranges::any_of(workload.templates, asks) ||
           std::ranges::any_of(context.index.services_of(workload), [](const auto* each) { return each->meta.annotations.is(k_scrape, "true"); });
}

bool proxy_asks_for_scraping(const Workload& workload)
{
    return std::ranges::any_of(workload.pods, [](const auto* pod) { return pod->annotations().is(k_scrape, "true"); });
}

// --- monitors ---

/// The best that monitors do for a workload.
struct Coverage {
    std::string taken;   ///< one that fits and that something takes
    std::string perhaps; ///< one that fits, and may be taken
    std::string mesh;    ///< one that is taken, for its proxy's metrics
    std::string untaken; ///< one that fits and nobody takes
    std::string no_port;
};

void weigh(Coverage& coverage, const MonitorKind& kind, const Document& monitor, Fit fit, const Context& context)
{
    const auto keep = [&](std::string& into) {
        const auto name = described(kind, monitor);
        if (into.empty() || name < into) into = name; // whatever the order of the list
    };
    if (fit == Fit::no_port) return keep(coverage.no_port);
    const auto taken = is_taken(kind, monitor, context);
    if (fit == Fit::mesh) {
        if (taken == Taken::yes) keep(coverage.mesh);
        return;
    }
    keep(taken == Taken::yes ? coverage.taken : taken == Taken::perhaps ? coverage.perhaps : coverage.untaken);
}

Coverage coverage_of(const Workload& workload, const Context& context)
{
    Coverage coverage;
    const auto services = context.index.services_of(workload);
    for (const auto& kind : monitor_kinds())
        for (const auto& monitor : context.inventory.documents_of(kind.list))
            if (const auto fit = fit_of(kind, monitor, workload, services); fit != Fit::none) weigh(coverage, kind, monitor, fit, context);
    return coverage;
}

// --- the verdict ---

std::optional<Verdict> judge_what_pods_say(const Workload& workload, const Context& context)
{
    if (pushes(workload)) return check::pass("It pushes metrics to an OpenTelemetry endpoint").proven();
    if (is_instrumented(workload, context)) return check::pass("OpenTelemetry's operator instruments it").proven();
    if (has_datadog_checks(workload) && !find_software(context, k_datadog).empty())
        return check::pass("The Datadog Agent collects its metrics by annotation").proven();
    if (!asks_for_scraping(workload, context)) return std::nullopt;
    if (const auto* scraper = find_plain_prometheus(context)) {
        // Where no controller was read, its pods stand for the template, and a mesh may have annotated them.
        auto verdict = check::pass(fmt::format("{} scrapes it by annotation", name_of(*scraper)));
        return is_known_from_pods(workload) ? resting_on(std::move(verdict), context, workload.ns, {"WL"}) : std::move(verdict).proven();
    }
    return std::nullopt;
}

Verdict uncollected(const Workload& workload, const Coverage& coverage, const Context& context)
{
    if (auto verdict = unobservable_in_manifests(context, "what collects its metrics")) return std::move(*verdict);
    if (const auto* gap = first_gap(context, workload.ns, {"WL"}); gap != nullptr && is_known_from_pods(workload)) return context.unknown_for(*gap);
    const bool annotated = asks_for_scraping(workload, context) || has_datadog_checks(workload);
    const bool through_proxy = !annotated && proxy_asks_for_scraping(workload) && find_plain_prometheus(context) != nullptr;
    if (annotated) {
        if (const auto* gap = first_gap(context, "*", {"WL"})) return context.unknown_for(*gap);
        return check::warn("It asks to be scraped by annotation, and nothing that goes by annotations runs").by_absence();
    }
    if (!coverage.mesh.empty() || through_proxy) return check::warn("Only what its mesh's proxy counts is collected").by_absence();
    if (!coverage.untaken.empty())
        return check::fail(fmt::format("{} selects it, and nothing takes that monitor", coverage.untaken))
            .by_absence()
            .with("monitor", coverage.untaken);
    if (!coverage.no_port.empty())
        return check::fail(fmt::format("{} selects it, and it has no port of that name", coverage.no_port))
            .by_absence()
            .with("monitor", coverage.no_port);
    return check::fail("Nothing collects metrics of it").by_absence();
}

// --- metrics-monitor-dangling ---

bool has_pods(const model::Service& service, const Context& context)
{
    if (service.selector.empty()) return true; // its endpoints are somebody else's affair
    return std::ranges::any_of(context.index.workloads_in(service.meta.ns), [&](const Workload* workload) {
        return std::ranges::any_of(workload->templates, [&](const auto* each) { return model::map_selects(service.selector, each->labels); }) ||
               std::ranges::any_of(workload->pods, [&](const auto* pod) { return model::map_selects(service.selector, pod->labels()); });
    });
}

/// Why no Service makes the monitor useful, in the order in which one would look; empty where one does.
std::string service_problem(const MonitorKind& kind, const Document& monitor, const Context& context)
{
    bool selected = false;
    bool port = false;
    for (const auto& service : context.inventory.services) {
        if (!looks_in(monitor, service.meta.ns) || !selector_matches(monitor.at("spec.selector"), service.meta.labels)) continue;
        selected = true;
        const auto& endpoints = monitor["spec"][kind.endpoints].items();
        if (std::ranges::none_of(endpoints, [&](const auto& endpoint) { return has_port(endpoint, service); })) continue;
        port = true;
        if (has_pods(service, context)) return {};
    }
    if (!selected) return "No Service has the labels that it selects";
    return port ? "No pod is behind the Services that it selects" : "No Service that it selects has a port of the name that it scrapes";
}

std::string pod_problem(const MonitorKind& kind, const Document& monitor, const Context& context)
{
    auto best = Fit::none;
    for (const auto& workload : context.index.workloads())
        best = std::max(best, fit_of(kind, monitor, workload, {}));
    if (best == Fit::none) return "No pod has the labels that it selects";
    return best == Fit::no_port ? "No pod that it selects has a port of the name that it scrapes" : std::string{};
}

} // namespace

Verdict judge_workload_scraped(const Workload& workload, const Context& context)
{
    if (workload.kind == "Job" || workload.kind == "CronJob") return check::not_applicable("Jobs are gone before they are scraped").proven();
    if (names_workload(context.parameters.list("allow"), workload)) return check::not_applicable("The configuration lets it be").proven();
    // Flagger scales what it releases to nothing and runs a copy.
    if (!workload.runs() && !context.inventory.cluster.partial) return check::not_applicable("No pod of it runs");
    if (auto verdict = judge_what_pods_say(workload, context)) return std::move(*verdict);
    const auto coverage = coverage_of(workload, context);
    if (!coverage.taken.empty()) return check::pass(fmt::format("{} has it scraped", coverage.taken)).proven().with("monitor", coverage.taken);
    if (!coverage.perhaps.empty() && !context.inventory.cluster.partial) {
        if (const auto* gap = first_gap(context, "*", {"prometheuses.monitoring.coreos.com", "prometheusagents.monitoring.coreos.com", "namespaces"}))
            return context.unknown_for(*gap);
        return check::unknown(Reason::unobservable, fmt::format("{} selects it; whether {} takes that monitor, its own configuration says",
                                                                coverage.perhaps, name_of(*find_other_taker(context))));
    }
    return uncollected(workload, coverage, context);
}

Verdict judge_monitor(const Document& monitor, const Context& context)
{
    const auto* kind = monitor_kind_of(monitor);
    if (kind == nullptr) return check::unknown(Reason::malformed, "Its kind is not known");
    if (auto verdict = unobservable_in_manifests(context, "what it selects, and who takes it")) return std::move(*verdict);
    auto problem = kind->targets == MonitorKind::Targets::services ? service_problem(*kind, monitor, context) : pod_problem(*kind, monitor, context);
    if (!problem.empty()) return check::warn(std::move(problem)).by_absence();
    const auto taken = is_taken(*kind, monitor, context);
    if (taken == Taken::yes) return check::pass("It leads from a Prometheus to pods").proven();
    if (taken == Taken::no) return check::warn("No Prometheus takes it: look at its labels and at the selectors of the Prometheus").by_absence();
    if (const auto* gap = first_gap(context, "*", {"prometheuses.monitoring.coreos.com", "prometheusagents.monitoring.coreos.com", "namespaces"}))
        return context.unknown_for(*gap);
    return check::unknown(Reason::unobservable,
                          fmt::format("No Prometheus takes it; whether {} does, its own configuration says", name_of(*find_other_taker(context))));
}

} // namespace seaworthy::controls

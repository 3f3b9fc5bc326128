// SPDX-License-Identifier: Apache-2.0
#include "controls/registry_reach.hpp"
#include "controls/disruption_budgets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::Document;
using model::Workload;

// ---- registry-incluster-not-ha

constexpr std::string_view k_openshift_registry = "configs.imageregistry.operator.openshift.io";
constexpr Software k_registries[] = {
    {"Distribution", "library/registry, distribution/distribution"},
    {"Harbor", "goharbor/registry-photon, goharbor/harbor-core"},
    {"zot", "project-zot/zot, project-zot/zot-linux-amd64, project-zot/zot-minimal"},
    {"Nexus", "sonatype/nexus3"},
    {"Quay", "quay/quay, projectquay/quay"},
    {"Gitea", "gitea/gitea"},
};
constexpr std::string_view k_data_paths[] = {"/var/lib/registry", "/storage", "/data", "/datastorage", "/nexus-data"};

using Hosts = std::set<std::string, std::less<>>;

/// The hosts of every image that something runs, ports included.
Hosts hosts_in_use(const Context& context)
{
    Hosts hosts;
    for (const auto& image : context.index.images())
        hosts.insert(image.reference.host);
    return hosts;
}

std::string_view without_port(std::string_view host)
{
    const auto colon = host.rfind(':');
    return colon == std::string_view::npos ? host : host.substr(0, colon);
}

bool is_service_name(std::string_view host, const model::Service& service)
{
    const auto name = fmt::format("{}.{}", service.meta.name.view(), service.meta.ns.view());
    return host == name || host == name + ".svc" || host.starts_with(name + ".svc.");
}

bool has_ingress_host(std::string_view host, const model::Service& service, const Context& context)
{
    return std::ranges::any_of(context.index.documents_in("ingresses.networking.k8s.io", service.meta.ns), [&](const Document* ingress) {
        for (const auto& rule : ingress->at("spec.rules").items()) {
            if (rule["host"].text() != host) continue;
            for (const auto& path : rule.at("http.paths").items())
                if (path.at("backend.service.name").text() == service.meta.name.view()) return true;
        }
        return false;
    });
}

/// True if an image host leads to the Service.
bool leads_to(std::string_view host, const model::Service& service, const Context& context)
{
    const auto name = without_port(host);
    if (is_service_name(name, service) || (!service.cluster_ip.empty() && service.cluster_ip == name)) return true;
    if (name == "localhost" || name == "127.0.0.1")
        return std::ranges::any_of(
            service.ports, [&](const model::ServicePort& port) { return port.node_port != 0 && host == fmt::format("{}:{}", name, port.node_port); });
    return has_ingress_host(name, service, context);
}

/// The hosts in use that the workload answers for.
Hosts hosts_of(const Workload& workload, const Hosts& in_use, const Context& context)
{
    Hosts hosts;
    for (const auto* service : context.index.services_of(workload))
        for (const auto& host : in_use)
            if (leads_to(host, *service, context)) hosts.insert(host);
    return hosts;
}

/// A mount of an emptyDir where registries keep their data, or nothing.
std::string_view lost_data(const Workload& workload)
{
    for (const auto* pod_template : workload.templates) {
        std::set<std::string_view> empty;
        for (const auto& volume : pod_template->spec->volumes)
            if (volume.kind == model::Volume::Kind::empty_dir) empty.insert(volume.name);
        for (const auto& container : pod_template->spec->containers)
            for (const auto& mount : container.mounts)
                if (empty.contains(mount.name) && std::ranges::find(k_data_paths, mount.mount_path.view()) != std::end(k_data_paths))
                    return mount.mount_path;
    }
    return {};
}

bool pulls_from_itself(const Workload& workload, const Hosts& own)
{
    bool itself = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        const auto image = model::parse_image_reference(container.image);
        itself = itself || (image && own.contains(image->host));
    });
    return itself;
}

bool has_budget(const Workload& workload, const Context& context)
{
    return std::ranges::any_of(workload.templates, [&](const auto* each) { return controls::has_budget(workload.ns, each->labels, context); });
}

bool holds_claim(const Workload& workload)
{
    return std::ranges::any_of(workload.templates, [](const auto* each) {
        return std::ranges::any_of(each->spec->volumes,
                                   [](const auto& volume) { return volume.kind == model::Volume::Kind::persistent_volume_claim; });
    });
}

std::int32_t replicas_of(const Workload& workload)
{
    std::int32_t replicas = 0;
    for (const auto* controller : workload.controllers)
        replicas += controller->kind == model::WorkloadKind::daemon_set ? controller->desired_scheduled : controller->wanted_pods();
    return replicas;
}

bool nothing_ready(const Workload& workload)
{
    return !workload.controllers.empty() &&
           std::ranges::all_of(workload.controllers, [](const auto* each) { return each->has_status && each->ready_replicas == 0; });
}

Verdict judge_registry(const Workload& workload, const Hosts& own, const Context& context)
{
    NameList hosts;
    for (const auto& host : own)
        hosts.add(host);
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("hosts", hosts.values()); };
    if (pulls_from_itself(workload, own))
        return told(check::fail(fmt::format("Its own image comes from {}: it cannot start without itself", hosts.text())));
    if (nothing_ready(workload)) return told(check::fail(fmt::format("Images come from {} and no replica of it is ready", hosts.text())));
    const bool single_node = context.inventory.nodes.size() == 1;
    if (const auto path = lost_data(workload); !path.empty()) {
        const auto message = fmt::format("Images are kept in an emptyDir ({}): a restart loses them", path);
        return told(single_node ? check::warn(message) : check::fail(message));
    }
    if (replicas_of(workload) < 2)
        return told(check::warn(holds_claim(workload) ? std::string{"A single replica: its volume may allow no second one, object storage would"}
                                                      : std::string{"A single replica: while it restarts, no pod pulls its image"}));
    if (!has_budget(workload, context)) return told(check::warn("No disruption budget keeps it up while nodes are drained")).by_absence();
    return told(check::pass(fmt::format("{} replicas and a disruption budget", replicas_of(workload))));
}

Verdict judge_openshift_registry(const Document& config)
{
    if (config.at("spec.managementState").text() == "Removed") return check::not_applicable("The registry is removed").proven();
    if (config.at("spec.storage.emptyDir").exists()) return check::fail("Images are kept in an emptyDir: a restart loses them");
    const auto replicas = config.at("spec.replicas").number_or(1);
    if (replicas < 2) return check::warn("A single replica: while it restarts, no pod pulls its image");
    return check::pass(fmt::format("{:.0f} replicas", replicas)).proven();
}

// ---- registry-cross-region

/// The region that a registry's host names; empty for one of several regions, or none.
std::string_view region_of(std::string_view host)
{
    for (const std::string_view ecr : {".dkr.ecr.", ".dkr.ecr-fips."}) {
        const auto at = host.find(ecr);
        if (at == std::string_view::npos || host.find(".amazonaws.com") == std::string_view::npos) continue;
        const auto rest = host.substr(at + ecr.size());
        return rest.substr(0, rest.find('.'));
    }
    constexpr std::string_view k_artifact_registry = "-docker.pkg.dev";
    if (!host.ends_with(k_artifact_registry)) return {};
    const auto region = host.substr(0, host.size() - k_artifact_registry.size());
    return region == "us" || region == "europe" || region == "asia" ? std::string_view{} : region;
}

// ---- registry-pull-latency

/// Go's way to write a duration with fractions: "1m2.5s", "890ms". Nothing for anything else.
std::optional<double> go_seconds(std::string_view text)
{
    struct Unit {
        std::string_view name;
        double seconds;
    };
    constexpr Unit k_units[] = {{"ms", 1e-3}, {"µs", 1e-6}, {"us", 1e-6}, {"ns", 1e-9}, {"h", 3600}, {"m", 60}, {"s", 1}};
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{} || number < 0) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto* unit = std::ranges::find_if(k_units, [&](const Unit& each) { return text.starts_with(each.name); });
        if (unit == std::end(k_units)) return std::nullopt;
        total += number * unit->seconds;
        text.remove_prefix(unit->name.size());
    }
    return total;
}

/// "Successfully pulled image "x" in 1.2s (3.4s including waiting)": the first time is the pull's own, the second counts the queue.
std::optional<double> pull_seconds(std::string_view message)
{
    constexpr std::string_view k_in = "\" in ";
    const auto at = message.find(k_in);
    if (!message.starts_with("Successfully pulled image ") || at == std::string_view::npos) return std::nullopt;
    const auto rest = message.substr(at + k_in.size());
    auto time = rest.substr(0, rest.find(' '));
    if (time.ends_with('.')) time.remove_suffix(1);
    return go_seconds(time);
}

Verdict judge_times(std::vector<double> seconds)
{
    constexpr std::size_t k_enough = 20;
    constexpr double k_slow = 60;
    if (seconds.size() < k_enough)
        return check::unknown(check::Reason::unobservable, fmt::format("{} lately, fewer than {}", counted(seconds.size(), "pull"), k_enough));
    std::ranges::sort(seconds);
    const auto rank = static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(seconds.size())));
    const double p95 = seconds[rank - 1];
    const auto message = fmt::format("95 of 100 pulls take at most {:.0f} s", std::ceil(p95));
    auto verdict = p95 > k_slow ? check::warn(message) : check::pass(message);
    return std::move(verdict).with("p95Seconds", p95).with("pulls", static_cast<std::int64_t>(seconds.size()));
}

} // namespace

void judge_incluster_registries(const Context& context, Results& results)
{
    for (const auto& config : context.inventory.documents_of(k_openshift_registry))
        if (config.meta.name == "cluster") results.add(ObjectKey::of(config), {}, judge_openshift_registry(config));
    if (const auto* gap = context.gap(k_openshift_registry); gap != nullptr && gap->reason != model::Reason::not_served)
        results.add(ObjectKey::cluster(), {}, context.unknown_for(*gap));
    const auto in_use = hosts_in_use(context);
    const auto registries = find_software(context, k_registries);
    std::set<std::string_view> harbors; ///< namespaces whose Harbor is in use: its parts stand or fall together
    std::map<const Workload*, Hosts> hosts;
    for (const auto& registry : registries) {
        auto own = hosts_of(*registry.workload, in_use, context);
        if (!own.empty() && registry.software->name == "Harbor") harbors.insert(registry.workload->ns);
        hosts[registry.workload] = std::move(own);
    }
    for (const auto& registry : registries) {
        const auto& workload = *registry.workload;
        const auto& own = hosts[&workload];
        model::ObjectMeta meta;
        meta.created = workload.created;
        auto verdict = too_young(meta, context);
        const bool used = !own.empty() || (registry.software->name == "Harbor" && harbors.contains(workload.ns));
        if (!verdict && !used)
            verdict =
                resting_on(check::not_applicable("No image comes from it"), context, "*", {"services", "ingresses.networking.k8s.io", "pods", "WL"});
        if (!verdict) verdict = judge_registry(workload, own, context);
        results.add(ObjectKey::of(workload), workload.ns, *std::move(verdict));
    }
}

Verdict judge_regions(const Workload& workload, const Context& context)
{
    std::set<std::pair<std::string, std::string>> crossings; // host, region of a node
    bool same = false;
    bool regional = false;
    for (const auto* pod : workload.pods) {
        if (pod->spec() == nullptr || pod->node_name.empty()) continue;
        const auto* node = context.index.find_node(pod->node_name);
        const auto here = node == nullptr ? std::string_view{} : node->meta.labels.get("topology.kubernetes.io/region");
        for (const auto& container : pod->spec()->containers) {
            const auto image = model::parse_image_reference(container.image);
            const auto region = image ? region_of(image->host) : std::string_view{};
            if (region.empty()) continue;
            regional = true;
            if (here.empty()) continue;
            if (region == here)
                same = true;
            else
                crossings.emplace(image->host, std::string{here});
        }
    }
    if (!crossings.empty()) {
        NameList names;
        for (const auto& [host, region] : crossings)
            names.add(fmt::format("{} into {}", host, region));
        return check::warn(fmt::format("Images are pulled across regions: {}", names.text())).with("pulls", names.values());
    }
    if (regional)
        if (const auto* gap = context.gap("nodes")) return context.unknown_for(*gap);
    if (same) return resting_on_pods(check::pass("Its images come from the nodes' own region"), context, workload);
    return resting_on_pods(check::not_applicable("No registry or node of it says a region"), context, workload);
}

void judge_pull_latency(const Context& context, Results& results)
{
    std::map<std::string_view, std::vector<double>> seconds;
    const auto window = context.parameters.duration("window");
    for (const auto& event : context.inventory.events) {
        if (event.reason != "Pulled" || event.involved_kind != "Pod") continue;
        if (const auto age = event.last_seen.age(context.now); age && *age > window) continue;
        if (const auto time = pull_seconds(event.message)) seconds[event.involved_ns].push_back(*time);
    }
    for (const auto& [ns, times] : seconds) {
        const auto* object = context.index.find_namespace(ns);
        const ObjectKey key{"v1", "Namespace", "", std::string{ns}, object != nullptr ? object->meta.uid.str() : std::string{}};
        results.add(key, ns, judge_times(times));
    }
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/namespace_use.hpp"
#include "seaworthy/base/ipv4.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "controls/environment_labels.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;

/// What the workload belongs to, by the widest of the identity labels; empty where it has none.
std::string_view application_of(const model::Workload& workload)
{
    for (const std::string_view key : {"app.kubernetes.io/part-of", "app.kubernetes.io/instance", "app.kubernetes.io/name"}) {
        if (workload.object != nullptr)
            if (const auto name = workload.object->meta.labels.get(key); !name.empty()) return name;
        for (const auto* pod_template : workload.templates)
            if (const auto name = pod_template->labels.get(key); !name.empty()) return name;
    }
    return {};
}

/// Why the namespace controller does not get on, in its own words.
std::string_view obstacle(const model::Namespace& ns)
{
    for (const std::string_view type : {"NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure",
                                        "NamespaceDeletionContentFailure", "NamespaceFinalizersRemaining", "NamespaceContentRemaining"}) {
        const auto* condition = model::find_condition(ns.conditions, type);
        if (condition != nullptr && condition->status == "True") return condition->message;
    }
    return {};
}

bool holds_nothing(const model::Namespace& ns, const Context& context)
{
    return context.index.workloads_in(ns.meta.name).empty() && context.index.services_in(ns.meta.name).empty() &&
           context.index.documents_in("persistentvolumeclaims", ns.meta.name).empty();
}

/// The namespace that an ExternalName of the cluster's own DNS names: "db.payments.svc.cluster.local"; empty for any other host.
std::string_view namespace_in_name(std::string_view host, const Context& context)
{
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto first = host.find('.');
    if (first == std::string_view::npos) return {};
    const auto rest = host.substr(first + 1);
    const auto second = rest.find('.');
    if (second == std::string_view::npos) return {};
    const auto tail = rest.substr(second + 1);
    if (tail != "svc" && !tail.starts_with("svc.")) return {};
    const auto ns = rest.substr(0, second);
    return std::ranges::binary_search(context.index.namespace_names(), ns, {}, [](Text name) { return name.view(); }) ? ns : std::string_view{};
}

/// Addresses that Services without a selector lead to, and the namespace of the pod that has each.
std::unordered_map<std::uint32_t, std::string_view> namespaces_of_addresses(const Context& context)
{
    std::unordered_map<std::uint32_t, std::string_view> found;
    for (const auto& service : context.inventory.services) {
        if (!service.selector.empty() || service.type == "ExternalName") continue;
        for (const auto* slice : context.index.endpoint_slices_of(service))
            for (const auto& endpoint : slice->endpoints)
                found.emplace(parse_ipv4(endpoint.first_address), std::string_view{});
    }
    found.erase(0);
    if (found.empty()) return found;
    for (const auto& pod : context.inventory.pods) {
        if (pod.ipv4 == 0 || !pod.is_active() || (pod.spec() != nullptr && pod.spec()->host_network)) continue;
        if (const auto at = found.find(pod.ipv4); at != found.end()) at->second = pod.ns();
    }
    return found;
}

/// The verdict on a Service that leads to another namespace.
Verdict judge_border(const model::Service& service, std::string_view target, const Context& context)
{
    if (target == service.meta.ns.view()) return check::pass("Leads into its own namespace").proven();
    if (is_platform_namespace(target, context)) return check::not_applicable(fmt::format("{} serves every environment", target)).proven();
    const auto here = environment_of_namespace(service.meta.ns, context);
    const auto there = environment_of_namespace(target, context);
    if (here.empty() || there.empty()) {
        if (const auto* gap = context.gap("namespaces")) return context.unknown_for(*gap);
        return check::not_applicable("No label says which environment one of the two namespaces is").proven();
    }
    const auto described = fmt::format("Leads from {} into namespace {}, which is {}", here, target, there);
    const bool crosses_production = here != there && (here == k_production || there == k_production);
    auto verdict = crosses_production ? check::fail(described) : check::warn(described);
    return std::move(verdict).with("target", std::string{target}).with("environments", std::vector<std::string>{here, there});
}

Verdict judge_endpoints(const model::Service& service, const std::unordered_map<std::uint32_t, std::string_view>& owners, const Context& context)
{
    auto verdict = check::not_applicable("Leads to no pod of the cluster");
    std::set<std::string_view> targets; // sorted: the verdict must not depend on the order of the slices
    for (const auto* slice : context.index.endpoint_slices_of(service))
        for (const auto& endpoint : slice->endpoints)
            if (const auto owner = owners.find(parse_ipv4(endpoint.first_address)); owner != owners.end() && !owner->second.empty())
                targets.insert(owner->second);
    for (const auto target : targets)
        verdict = check::worst(std::move(verdict), judge_border(service, target, context));
    if (verdict.status == check::Status::fail) return verdict;
    // The pod behind an address may be in any namespace.
    if (const auto* gap = context.gap("pods")) return context.unknown_for(*gap);
    return resting_on(std::move(verdict), context, service.meta.ns, {"endpointslices.discovery.k8s.io"});
}

} // namespace

Verdict judge_single_namespace(const Context& context)
{
    std::set<std::string_view> namespaces;
    std::set<std::string_view> applications;
    for (const auto& workload : context.index.workloads()) {
        if (workload.finished || workload.mirror || context.is_system(workload.ns)) continue;
        namespaces.insert(workload.ns);
        if (const auto name = application_of(workload); !name.empty()) applications.insert(name);
    }
    if (static_cast<double>(applications.size()) < context.parameters.number("minApps"))
        return check::not_applicable(fmt::format("{} by its labels, too few to be kept apart", counted(applications.size(), "application")));
    if (namespaces.size() > 1) return check::pass(fmt::format("Applications live in {} namespaces", namespaces.size())).proven();
    return check::fail(fmt::format("{} share the one namespace {}", counted(applications.size(), "application"), *namespaces.begin()))
        .with("namespace", std::string{*namespaces.begin()})
        .by_absence();
}

Verdict judge_stuck_or_stale(const model::Namespace& ns, const Context& context)
{
    constexpr std::chrono::hours k_deleting{1};
    constexpr std::chrono::hours k_stale{24 * 30};
    if (ns.terminating()) {
        if (!ns.meta.deleted.at_least(k_deleting, context.now)) return check::pass("It is being deleted").proven();
        const auto why = obstacle(ns);
        return check::warn(why.empty() ? std::string{"It has been terminating for more than an hour"}
                                       : fmt::format("It has been terminating for more than an hour: {}", why));
    }
    if (!holds_nothing(ns, context)) return check::pass("It is in use").proven();
    if (!ns.meta.created.known() || !ns.meta.created.at_least(k_stale, context.now)) return check::pass("It is young and still empty").proven();
    return check::pass("It holds no pod, workload, Service or volume claim").with("note", "empty for more than 30 days");
}

void judge_cross_environment_services(const Context& context, Results& results)
{
    const auto owners = namespaces_of_addresses(context);
    for (const auto& service : context.inventory.services) {
        const auto add = [&](Verdict verdict) { results.add(ObjectKey::of("v1", "Service", service.meta), service.meta.ns, std::move(verdict)); };
        if (context.is_system(service.meta.ns)) {
            add(check::not_applicable("Not judged in a system namespace").proven());
        } else if (auto young = too_young(service.meta, context)) {
            add(std::move(*young));
        } else if (service.type == "ExternalName") {
            const auto target = namespace_in_name(service.external_name, context);
            add(target.empty() ? check::not_applicable("Names a host outside of the cluster").proven() : judge_border(service, target, context));
        } else if (!service.selector.empty()) {
            add(check::not_applicable("Selects pods of its own namespace").proven());
        } else {
            add(judge_endpoints(service, owners, context));
        }
    }
}

} // namespace seaworthy::controls

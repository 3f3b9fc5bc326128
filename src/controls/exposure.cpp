// SPDX-License-Identifier: Apache-2.0
#include "controls/exposure.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "controls/load_balancers.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using model::Document;
using model::Value;

using Names = std::set<std::string_view>;

void add_named(Names& names, const Value& backends)
{
    for (const auto& backend : backends.items())
        names.insert(backend["name"].text());
}

/// "web", "web.shop", "web.shop.svc.cluster.local": the Service's name comes first.
void add_hosts(Names& names, const Value& routes)
{
    for (const auto& route : routes.items())
        for (const auto& target : route["route"].items()) {
            const auto host = target.at("destination.host").text();
            names.insert(host.substr(0, host.find('.')));
        }
}

/// True if the VirtualService is for a gateway, not for calls inside the mesh alone.
bool has_gateway(const Document& virtual_service)
{
    const auto& gateways = virtual_service.at("spec.gateways").items();
    return std::ranges::any_of(gateways, [](const Value& gateway) { return gateway.text() != "mesh"; });
}

/// Of each namespace, the Knative Services that are not for the cluster alone.
Names open_knative_services(const Context& context, std::string_view ns)
{
    Names names;
    for (const auto* service : context.index.documents_in("services.serving.knative.dev", ns))
        if (!service->meta.labels.is("networking.knative.dev/visibility", "cluster-local")) names.insert(service->meta.name.view());
    return names;
}

bool has_host_port(const model::Workload& workload)
{
    bool found = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        found = found || std::ranges::any_of(container.ports, [](const auto& port) { return port.host_port != 0; });
    });
    return found;
}

} // namespace

bool exposes_something(std::string_view ns, const Context& context)
{
    return std::ranges::any_of(k_route_kinds, [&](std::string_view kind) { return !context.index.documents_in(kind, ns).empty(); }) ||
           std::ranges::any_of(context.index.services_in(ns), [](const auto* service) { return service->type == "LoadBalancer"; });
}

Names routed_services(const Context& context, std::string_view ns)
{
    Names names;
    for (const auto* ingress : context.index.documents_in("ingresses.networking.k8s.io", ns)) {
        names.insert(ingress->at("spec.defaultBackend.service.name").text());
        for (const auto& rule : ingress->at("spec.rules").items())
            for (const auto& path : rule.at("http.paths").items())
                names.insert(path.at("backend.service.name").text());
    }
    for (const std::string_view routes : {"httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io"})
        for (const auto* route : context.index.documents_in(routes, ns))
            for (const auto& rule : route->at("spec.rules").items())
                add_named(names, rule["backendRefs"]);
    for (const auto* route : context.index.documents_in("routes.route.openshift.io", ns))
        names.insert(route->at("spec.to.name").text());
    for (const std::string_view routes : {"ingressroutes.traefik.io", "httpproxies.projectcontour.io"})
        for (const auto* route : context.index.documents_in(routes, ns)) {
            for (const auto& rule : route->at("spec.routes").items())
                add_named(names, rule["services"]);
            add_named(names, route->at("spec.tcpproxy.services"));
        }
    for (const auto* route : context.index.documents_in("virtualservices.networking.istio.io", ns))
        if (has_gateway(*route)) {
            add_hosts(names, route->at("spec.http"));
            add_hosts(names, route->at("spec.tcp"));
        }
    names.erase(std::string_view{});
    return names;
}

bool is_reachable(const model::Service& service, const Names& routed)
{
    return service.type == "NodePort" || (service.type == "LoadBalancer" && !is_internal_load_balancer(service)) ||
           routed.contains(service.meta.name);
}

namespace {

struct Exposure {
    std::unordered_set<const model::Workload*> workloads;
    std::set<std::string_view> namespaces; ///< with one of these
};

Exposure find_exposure(const Context& context)
{
    struct Ways {
        Names routed;
        Names knative;
    };
    Exposure exposure;
    std::map<std::string_view, Ways> by_namespace;
    for (const auto& workload : context.index.workloads()) {
        const auto [at, added] = by_namespace.try_emplace(workload.ns.view());
        auto& ways = at->second;
        if (added) ways = {routed_services(context, workload.ns), open_knative_services(context, workload.ns)};
        const auto is_knative = [&](const auto* each) { return ways.knative.contains(each->labels.get("serving.knative.dev/service")); };
        const auto is_routed = [&](const model::Service* service) { return is_reachable(*service, ways.routed); };
        if (!has_host_port(workload) && std::ranges::none_of(workload.templates, is_knative) &&
            std::ranges::none_of(context.index.services_of(workload), is_routed))
            continue;
        exposure.workloads.insert(&workload);
        exposure.namespaces.insert(workload.ns.view());
    }
    return exposure;
}

const Exposure& exposure_of(const Context& context)
{
    return context.derived.get<Exposure>([&] { return find_exposure(context); });
}

} // namespace

bool is_exposed(const model::Workload& workload, const Context& context)
{
    return exposure_of(context).workloads.contains(&workload);
}

bool has_exposed_workload(std::string_view ns, const Context& context)
{
    return exposure_of(context).namespaces.contains(ns);
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string_view>

#include "seaworthy/check/check.hpp"

// What is reachable from outside of the cluster.
namespace seaworthy::controls {

/// Resources by which requests from outside reach a Service: Ingresses and the routes of gateways and platforms.
inline constexpr std::string_view k_route_kinds[] = {
    "ingresses.networking.k8s.io",          "gateways.gateway.networking.k8s.io",  "httproutes.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io", "virtualservices.networking.istio.io", "ingressroutes.traefik.io",
    "httpproxies.projectcontour.io",        "routes.route.openshift.io",           "services.serving.knative.dev",
};

/// True if the namespace has an Ingress, a gateway or route, or a Service of type LoadBalancer.
[[nodiscard]] bool exposes_something(std::string_view ns, const check::Context& context);

/// Services of the namespace that a route leads to from outside.
[[nodiscard]] std::set<std::string_view> routed_services(const check::Context& context, std::string_view ns);
/// True for a NodePort, a load balancer that is not internal, and what is among the names of `routed_services`.
[[nodiscard]] bool is_reachable(const model::Service& service, const std::set<std::string_view>& routed);
/// True if the workload's pods are reachable from outside: a host port, a NodePort, a load balancer that is not internal, or a route.
[[nodiscard]] bool is_exposed(const model::Workload& workload, const check::Context& context);
/// True if the namespace has such a workload.
[[nodiscard]] bool has_exposed_workload(std::string_view ns, const check::Context& context);

inline constexpr check::Fields k_exposure_fields[] = {
    {"ingresses.networking.k8s.io", "spec.rules.http.paths.backend.service.name, spec.defaultBackend.service.name"},
    {"httproutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name"},
    {"grpcroutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name"},
    {"virtualservices.networking.istio.io", "spec.gateways, spec.http.route.destination.host, spec.tcp.route.destination.host"},
    {"ingressroutes.traefik.io", "spec.routes.services.name"},
    {"httpproxies.projectcontour.io", "spec.routes.services.name, spec.tcpproxy.services.name"},
    {"routes.route.openshift.io", "spec.to.name"},
};

} // namespace seaworthy::controls

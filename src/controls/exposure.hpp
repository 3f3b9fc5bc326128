// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/check/context.hpp"

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

} // namespace seaworthy::controls

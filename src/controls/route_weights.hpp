// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "seaworthy/check/check.hpp"

// Routes that share requests out between several backends by weight.
namespace seaworthy::controls {

struct WeightedBackend {
    std::string service; ///< of the route's namespace
    std::string subset;  ///< Istio: of the Service's pods
    double weight = 1;
    bool written = false; ///< false: the kind's default
};

/// One place in a route where requests go to two backends or more.
struct Split {
    const model::Document* route = nullptr;
    std::string root; ///< the Service whose requests are split, where that is not the route itself
    std::vector<WeightedBackend> backends;
};

/// The splits of an object of one of `k_weighted_routes`; none for other kinds.
[[nodiscard]] std::vector<Split> splits_of(const model::Document& route);
/// Those of every such object of the namespace.
[[nodiscard]] std::vector<Split> splits_in(std::string_view ns, const check::Context& context);

inline constexpr std::string_view k_weighted_routes[] = {
    "ingresses.networking.k8s.io",         "httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io",
    "virtualservices.networking.istio.io", "httpproxies.projectcontour.io",        "routes.route.openshift.io",
    "services.serving.knative.dev",        "trafficsplits.split.smi-spec.io",      "traefikservices.traefik.io",
};

/// Ingresses hold weights in annotations alone, which every Document keeps.
inline constexpr check::Fields k_weight_fields[] = {
    {"httproutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name, spec.rules.backendRefs.weight, spec.rules.backendRefs.kind"},
    {"grpcroutes.gateway.networking.k8s.io", "spec.rules.backendRefs.name, spec.rules.backendRefs.weight, spec.rules.backendRefs.kind"},
    {"virtualservices.networking.istio.io", "spec.http.route.destination.host, spec.http.route.destination.subset, spec.http.route.weight"},
    {"httpproxies.projectcontour.io", "spec.routes.services.name, spec.routes.services.weight, spec.routes.services.mirror"},
    {"routes.route.openshift.io", "spec.to.name, spec.to.weight, spec.alternateBackends.name, spec.alternateBackends.weight"},
    {"services.serving.knative.dev", "spec.traffic.revisionName, spec.traffic.latestRevision, spec.traffic.percent"},
    {"trafficsplits.split.smi-spec.io", "spec.service, spec.backends.service, spec.backends.weight"},
    {"traefikservices.traefik.io", "spec.weighted.services.name, spec.weighted.services.weight, spec.weighted.services.kind"},
};

} // namespace seaworthy::controls

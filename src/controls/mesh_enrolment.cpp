// SPDX-License-Identifier: Apache-2.0
#include "mesh_enrolment.hpp"

#include <algorithm>

namespace seaworthy::controls {

namespace {

bool has_proxy(const model::Pod& pod, std::string_view container)
{
    if (pod.spec() == nullptr) return false;
    return std::ranges::any_of(pod.spec()->containers, [&](const model::Container& candidate) {
        const bool serves = candidate.kind == model::Container::Kind::main || candidate.kind == model::Container::Kind::sidecar;
        return serves && candidate.name == container;
    });
}

bool has_either(const model::ObjectMeta& meta, std::string_view key, std::string_view value)
{
    return meta.labels.is(key, value) || meta.annotations.is(key, value);
}

} // namespace

std::string_view name(Mesh mesh)
{
    switch (mesh) {
    case Mesh::istio_sidecar: return "Istio";
    case Mesh::istio_ambient: return "Istio (ambient)";
    case Mesh::linkerd: return "Linkerd";
    case Mesh::kuma: return "Kuma";
    case Mesh::consul: return "Consul";
    }
    return {};
}

std::vector<Mesh> enrolments(const model::Namespace& ns)
{
    const auto& meta = ns.meta;
    std::vector<Mesh> meshes;
    const auto injection = meta.labels.get("istio-injection");
    if (injection == "enabled" || (injection.empty() && !meta.labels.get("istio.io/rev").empty())) meshes.push_back(Mesh::istio_sidecar);
    if (meta.labels.is("istio.io/dataplane-mode", "ambient")) meshes.push_back(Mesh::istio_ambient);
    if (meta.annotations.is("linkerd.io/inject", "enabled") || meta.annotations.is("linkerd.io/inject", "ingress")) meshes.push_back(Mesh::linkerd);
    if (has_either(meta, "kuma.io/sidecar-injection", "enabled")) meshes.push_back(Mesh::kuma);
    if (has_either(meta, "consul.hashicorp.com/connect-inject", "true")) meshes.push_back(Mesh::consul);
    return meshes;
}

bool opts_out(const model::Namespace& ns)
{
    const auto& meta = ns.meta;
    return meta.labels.is("istio-injection", "disabled") || meta.labels.is("istio.io/dataplane-mode", "none") ||
           meta.annotations.is("linkerd.io/inject", "disabled") || has_either(meta, "kuma.io/sidecar-injection", "disabled") ||
           has_either(meta, "consul.hashicorp.com/connect-inject", "false");
}

bool opts_out(const model::Pod& pod)
{
    const auto& meta = pod.meta();
    return has_either(meta, "sidecar.istio.io/inject", "false") || meta.labels.is("istio.io/dataplane-mode", "none") ||
           meta.annotations.is("linkerd.io/inject", "disabled") || has_either(meta, "kuma.io/sidecar-injection", "disabled") ||
           has_either(meta, "consul.hashicorp.com/connect-inject", "false");
}

bool is_in_mesh(const model::Pod& pod, Mesh mesh)
{
    const auto& meta = pod.meta();
    switch (mesh) {
    case Mesh::istio_sidecar: return has_proxy(pod, "istio-proxy") && meta.annotations.has("sidecar.istio.io/status");
    case Mesh::istio_ambient: return meta.annotations.is("ambient.istio.io/redirection", "enabled") || is_in_mesh(pod, Mesh::istio_sidecar);
    case Mesh::linkerd: return has_proxy(pod, "linkerd-proxy") && meta.annotations.has("linkerd.io/proxy-version");
    case Mesh::kuma: return meta.annotations.is("kuma.io/sidecar-injected", "true");
    case Mesh::consul: return has_either(meta, "consul.hashicorp.com/connect-inject-status", "injected");
    }
    return false;
}

bool is_gateway(const model::Workload& workload)
{
    return std::ranges::any_of(workload.templates, [&](const model::PodTemplate* pod_template) {
        // Of a pod that nothing controls the "template" is the pod itself, in which an injected proxy proves nothing.
        const bool written = !workload.controllers.empty();
        const bool proxy = written && std::ranges::any_of(pod_template->spec->containers,
                                                          [](const model::Container& container) { return container.name == "istio-proxy"; });
        return proxy || pod_template->labels.has("gateway.networking.k8s.io/gateway-name") ||
               pod_template->annotations.get("inject.istio.io/templates") == "gateway";
    });
}

} // namespace seaworthy::controls

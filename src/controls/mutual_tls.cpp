// SPDX-License-Identifier: Apache-2.0
#include "controls/mutual_tls.hpp"
#include "controls/config_maps.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/mesh_enrolment.hpp"
#include "controls/value_selector.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Document;

constexpr std::string_view k_peer_authentications = "peerauthentications.security.istio.io";
constexpr std::string_view k_kuma_meshes = "meshes.kuma.io";
constexpr std::string_view k_linkerd_policy = "config.linkerd.io/default-inbound-policy";
constexpr std::string_view k_consul_meshes = "meshes.consul.hashicorp.com";
constexpr std::string_view k_consul_defaults = "servicedefaults.consul.hashicorp.com";

// ---- Istio

/// MeshConfig's rootNamespace, by default the control plane's own.
std::string root_namespace(const Context& context)
{
    const auto* config = find_config_map(context, "istio-system", "istio");
    const auto mesh = config == nullptr ? std::nullopt : model::JsonText::parse_yaml((*config)["data"]["mesh"].text());
    const auto root = mesh ? (*mesh)["rootNamespace"].text() : std::string_view{};
    return root.empty() ? "istio-system" : std::string{root};
}

bool has_selector(const Document& policy)
{
    return policy.at("spec.selector.matchLabels").size() > 0;
}

/// The mode of the policy for the whole namespace: the oldest one counts. Empty: it is inherited.
std::string_view namespace_mode(const Context& context, std::string_view ns)
{
    const Document* oldest = nullptr;
    for (const auto* policy : context.index.documents_in(k_peer_authentications, ns)) {
        if (has_selector(*policy)) continue;
        const auto is_older = [&] {
            if (policy->meta.created != oldest->meta.created) return policy->meta.created < oldest->meta.created;
            return policy->meta.name.view() < oldest->meta.name.view();
        };
        if (oldest == nullptr || is_older()) oldest = policy;
    }
    const auto mode = oldest == nullptr ? std::string_view{} : oldest->at("spec.mtls.mode").text();
    return mode == "UNSET" ? std::string_view{} : mode;
}

bool selects_a_pod(const Document& policy, const Context& context, std::string_view ns)
{
    const auto workloads = context.index.workloads_in(ns);
    const auto& labels = policy.at("spec.selector");
    return std::ranges::any_of(workloads, [&](const model::Workload* workload) {
        return std::ranges::any_of(workload->templates,
                                   [&](const model::PodTemplate* pod_template) { return selector_matches(labels, pod_template->labels); });
    });
}

Verdict judge_mode(std::string_view mode, bool ambient, std::string_view where)
{
    if (mode == "STRICT") return check::pass(fmt::format("{} asks for mutual TLS (STRICT)", where));
    if (mode == "DISABLE" && !ambient) return check::fail(fmt::format("{} switches mutual TLS off (DISABLE)", where));
    return check::warn(fmt::format("{} takes plaintext too ({})", where, mode));
}

Verdict judge_istio(const model::Namespace& ns, const Context& context, bool ambient)
{
    if (const auto* gap = context.gap(k_peer_authentications)) return context.unknown_for(*gap);
    const auto root = root_namespace(context);
    auto mode = namespace_mode(context, ns.meta.name);
    std::string where = "The namespace's PeerAuthentication";
    if (mode.empty()) {
        if (const auto* gap = context.gap("configmaps", "istio-system")) return context.unknown_for(*gap); // it names the root
        mode = namespace_mode(context, root);
        where = "The mesh's PeerAuthentication";
    }
    if (mode.empty()) {
        mode = "PERMISSIVE";
        where = "Istio's default";
    }
    auto verdict = judge_mode(mode, ambient, where);
    for (const auto* policy : context.index.documents_in(k_peer_authentications, ns.meta.name)) {
        const bool selective = has_selector(*policy);
        if (selective && !selects_a_pod(*policy, context, ns.meta.name)) {
            // It may select pods that are not seen.
            if (const auto* gap = first_gap(context, ns.meta.name, {"WL", "pods"})) return context.unknown_for(*gap);
            continue;
        }
        const auto name = fmt::format("PeerAuthentication {}", policy->meta.name.view());
        const auto own = policy->at("spec.mtls.mode").text();
        if (selective && !own.empty() && own != "UNSET") verdict = check::worst(std::move(verdict), judge_mode(own, ambient, name));
        for (const auto& port : policy->at("spec.portLevelMtls").members())
            if (port.value["mode"].text() != "STRICT")
                verdict = check::worst(std::move(verdict), check::warn(fmt::format("{} takes plaintext on port {}", name, port.key.view())));
    }
    return std::move(verdict).with("mode", std::string{mode});
}

// ---- the others

Verdict judge_linkerd(const model::Namespace& ns, const Context& context)
{
    std::string policy{ns.meta.annotations.get(k_linkerd_policy)};
    if (policy.empty()) {
        if (const auto* gap = context.gap("configmaps", "linkerd")) return context.unknown_for(*gap);
        const auto* config = find_config_map(context, "linkerd", "linkerd-config");
        if (config == nullptr && !context.settings.grants.contains("CM"))
            return check::unknown(Reason::unobservable, "Linkerd's default policy is in ConfigMap linkerd/linkerd-config (grant CM)")
                .needs_grant("CM");
        const auto values = config == nullptr ? std::nullopt : model::JsonText::parse_yaml((*config)["data"]["values"].text());
        policy = values ? std::string{values->at("proxy.defaultInboundPolicy").text()} : std::string{};
        if (policy.empty()) policy = "all-unauthenticated";
    }
    const bool strict = policy == "all-authenticated" || policy == "cluster-authenticated" || policy == "deny";
    if (!strict) // what is not seen of these may ask for more than the default does
        for (const std::string_view resource : {"servers.policy.linkerd.io", "authorizationpolicies.policy.linkerd.io"})
            if (const auto* gap = context.gap(resource, ns.meta.name)) return context.unknown_for(*gap);
    const auto told = [](std::string_view where, std::string_view what) {
        const bool asks = what == "all-authenticated" || what == "cluster-authenticated" || what == "deny";
        auto one = asks ? check::pass(fmt::format("{} takes meshed traffic alone ({})", where, what))
                        : check::warn(fmt::format("{} takes plaintext from outside the mesh too ({})", where, what));
        return Verdict{std::move(one).with("policy", std::string{what})};
    };
    auto verdict = told("Linkerd", policy);
    // A pod's own annotation wins over its namespace's.
    const auto look = [&](const model::StringMap& annotations, const model::Workload& workload) {
        const auto own = annotations.get(k_linkerd_policy);
        if (own.empty() || own == policy) return;
        verdict = check::worst(std::move(verdict), told(fmt::format("{} {}", workload.kind.view(), workload.name.view()), own));
    };
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        for (const auto* pod_template : workload->templates)
            look(pod_template->annotations, *workload);
        for (const auto* pod : workload->pods)
            look(pod->annotations(), *workload);
    }
    if (verdict.status == check::Status::pass)
        if (const auto* gap = first_gap(context, ns.meta.name, {"WL", "pods"})) return context.unknown_for(*gap);
    return verdict;
}

Verdict judge_kuma(const model::Namespace& ns, const Context& context)
{
    if (const auto* gap = context.gap(k_kuma_meshes)) return context.unknown_for(*gap);
    const auto label = ns.meta.labels.get("kuma.io/mesh");
    const auto name = label.empty() ? std::string_view{"default"} : label;
    for (const auto& mesh : context.inventory.documents_of(k_kuma_meshes)) {
        if (mesh.meta.name != name) continue;
        const auto backend = mesh.at("spec.mtls.enabledBackend").text();
        if (backend.empty()) return check::fail(fmt::format("Mesh {} has no mutual TLS", name));
        for (const auto& each : mesh.at("spec.mtls.backends").items())
            if (each["name"].text() == backend && each["mode"].text() == "PERMISSIVE")
                return check::warn(fmt::format("Mesh {} takes plaintext too (PERMISSIVE)", name));
        return check::pass(fmt::format("Mesh {} asks for mutual TLS", name));
    }
    return check::unknown(Reason::unobservable, fmt::format("Mesh {} is not to be seen", name));
}

Verdict judge_consul(const model::Namespace& ns, const Context& context)
{
    for (const auto resource : {k_consul_meshes, k_consul_defaults})
        if (const auto* gap = context.gap(resource)) return context.unknown_for(*gap);
    for (const auto* defaults : context.index.documents_in(k_consul_defaults, ns.meta.name))
        if (defaults->at("spec.mutualTLSMode").text() == "permissive")
            return check::warn(fmt::format("ServiceDefaults {} takes plaintext too (permissive)", defaults->meta.name.view()));
    return check::pass("Consul asks for mutual TLS");
}

} // namespace

Verdict judge_mutual_tls(const model::Namespace& ns, const Context& context)
{
    std::optional<Verdict> worst;
    for (const auto mesh : enrolments(ns)) {
        auto verdict = mesh == Mesh::linkerd  ? judge_linkerd(ns, context)
                       : mesh == Mesh::kuma   ? judge_kuma(ns, context)
                       : mesh == Mesh::consul ? judge_consul(ns, context)
                                              : judge_istio(ns, context, mesh == Mesh::istio_ambient);
        worst = worst ? check::worst(std::move(*worst), std::move(verdict)) : std::move(verdict);
    }
    // Each mesh has looked at the lists of its own.
    return worst ? std::move(*worst).proven() : check::not_applicable("The namespace is in no mesh").proven();
}

} // namespace seaworthy::controls

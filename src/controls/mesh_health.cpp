// SPDX-License-Identifier: Apache-2.0
#include "controls/mesh_health.hpp"
#include "controls/config_maps.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/mesh_enrolment.hpp"
#include "controls/names.hpp"
#include "seaworthy/base/certificate.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Document;
using model::Value;
using model::Workload;

// ---- mesh-present

constexpr Software k_cilium[] = {{"Cilium", "cilium/cilium, mirrored-cilium-cilium"}};
constexpr Software k_antrea[] = {{"Antrea", "antrea/antrea-agent-ubuntu, antrea/antrea-agent-ubi, antrea/antrea-ubuntu, antrea/antrea-ubi"}};

/// What encrypts traffic between nodes without a mesh; empty where nothing that was read does.
std::string_view encryption(const Context& context)
{
    if (const auto* cilium = find_config_map(context, "kube-system", "cilium-config"))
        for (const std::string_view key : {"enable-wireguard", "enable-ipsec"})
            if ((*cilium)["data"][key].text() == "true") return "Cilium";
    if (const auto* antrea = find_config_map(context, "kube-system", "antrea-config"))
        if (const auto agent = model::JsonText::parse_yaml((*antrea)["data"]["antrea-agent.conf"].text())) {
            const auto mode = (*agent)["trafficEncryptionMode"].text();
            if (!mode.empty() && mode != "none") return "Antrea";
        }
    for (const std::string_view kind : {"felixconfigurations.projectcalico.org", "felixconfigurations.crd.projectcalico.org"})
        for (const auto& felix : context.inventory.documents_of(kind))
            if (felix.at("spec.wireguardEnabled").is_true()) return "Calico";
    for (const auto& network : context.inventory.documents_of("networks.operator.openshift.io"))
        if (network.at("spec.defaultNetwork.ovnKubernetesConfig.ipsecConfig.mode").text() == "Full") return "OVN-Kubernetes";
    for (const auto& node : context.inventory.nodes)
        if (node.meta.annotations.get("k3s.io/node-args").find("wireguard-native") != std::string_view::npos) return "flannel";
    return {};
}

bool has_enrolled_namespace(const Context& context)
{
    return std::ranges::any_of(context.inventory.namespaces, [](const auto& ns) { return !enrolments(ns).empty(); });
}

std::size_t user_services(const Context& context)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(context.inventory.services, [&](const auto& service) { return !context.is_system(service.meta.ns); }));
}

// ---- mesh-control-plane-healthy

constexpr Software k_node_agents[] = {{"ztunnel", "ztunnel, mirrored-istio-ztunnel"}, {"Istio's CNI agent", "istio/install-cni, install-cni"}};

struct Root {
    std::string_view mesh;
    std::string_view ns;
    std::string_view name;
    std::string_view key;
};
constexpr Root k_roots[] = {
    {"Istio", "istio-system", "istio-ca-root-cert", "root-cert.pem"},
    {"Linkerd", "linkerd", "linkerd-identity-trust-roots", "ca-bundle.crt"},
};

Verdict judge_replicas(const Installation& plane)
{
    const auto& workload = *plane.workload;
    std::int32_t wanted = 0;
    std::int32_t available = 0;
    for (const auto* controller : workload.controllers) {
        wanted += controller->wanted_pods();
        available += controller->available_replicas;
    }
    const auto name = fmt::format("{} ({})", plane.software->name, name_of(workload));
    if (plane.readiness == Readiness::not_ready) return check::fail(fmt::format("{} has nothing available", name));
    if (wanted < 2) return check::warn(fmt::format("{} has a single replica", name));
    if (available < wanted) return check::warn(fmt::format("{} has {} of {} replicas", name, available, wanted));
    return check::pass(fmt::format("{} stands", plane.software->name));
}

Verdict judge_agent(const Installation& agent)
{
    for (const auto* controller : agent.workload->controllers) {
        if (controller->kind != model::WorkloadKind::daemon_set || controller->desired_scheduled == 0) continue;
        if (controller->ready_replicas == 0) return check::fail(fmt::format("{} is ready on no node", agent.software->name));
        if (controller->ready_replicas < controller->desired_scheduled)
            return check::warn(
                fmt::format("{} is ready on {} of {} nodes", agent.software->name, controller->ready_replicas, controller->desired_scheduled));
    }
    return check::pass(fmt::format("{} is ready", agent.software->name));
}

/// The roots that the mesh trusts: in a rotation there are several, and the newest counts.
Verdict judge_root(const Root& root, const Context& context)
{
    constexpr std::chrono::hours k_two_weeks{24 * 14};
    constexpr std::chrono::hours k_two_months{24 * 60};
    const auto* document = find_config_map(context, root.ns, root.name);
    if (document == nullptr) {
        if (const auto* gap = context.gap("configmaps", root.ns)) return context.unknown_for(*gap);
        return check::pass(fmt::format("{} stands", root.mesh))
            .with("note", fmt::format("its root certificate ({}/{}) was not read", root.ns, root.name));
    }
    const auto certificates = read_pem_certificates((*document)["data"][root.key].text());
    if (certificates.empty()) return check::unknown(Reason::malformed, fmt::format("ConfigMap {}/{} holds no certificate", root.ns, root.name));
    Timestamp last;
    bool expired = false;
    for (const auto& certificate : certificates) {
        last = last.known() ? std::max(last, certificate.not_after) : certificate.not_after;
        expired = expired || certificate.not_after <= context.now;
    }
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("notAfter", format_rfc3339(last)); };
    if (last <= context.now) return told(check::fail(fmt::format("The root certificate of {} has expired", root.mesh)));
    const auto left = *context.now.age(last);
    if (left < k_two_weeks) return told(check::fail(fmt::format("The root certificate of {} ends in {}", root.mesh, format_age(left))));
    if (left < k_two_months) return told(check::warn(fmt::format("The root certificate of {} ends in {}", root.mesh, format_age(left))));
    if (expired) return told(check::warn(fmt::format("One of the roots that {} trusts has expired", root.mesh)));
    return told(check::pass(fmt::format("{} and its root certificate are in order", root.mesh)));
}

// ---- mesh-authz-default-deny

/// What a namespace's policies add up to.
struct Authorization {
    bool denies = false;
    bool allows_all = false;
    bool targeted = false;
};

Verdict judge_authorization(const Authorization& found, std::string_view mesh)
{
    if (found.allows_all) return check::fail(fmt::format("A policy of {} allows everybody, and undoes every other one", mesh));
    if (found.denies) return check::pass(fmt::format("{} denies what no policy allows", mesh));
    if (found.targeted) return check::warn("Policies protect some workloads, everything else is open");
    return check::fail(fmt::format("Whoever is in {} may call every service here", mesh)).by_absence();
}

Authorization istio_authorization(const model::Namespace& ns, const Context& context)
{
    Authorization found;
    const auto read = [&](std::string_view where) {
        for (const auto* policy : context.index.documents_in("authorizationpolicies.security.istio.io", where)) {
            const auto action = policy->at("spec.action").text();
            const auto rules = policy->at("spec.rules").items();
            const bool targeted = policy->at("spec.selector").size() > 0 || policy->at("spec.targetRefs").size() > 0;
            const bool allow = action.empty() || action == "ALLOW";
            if (rules.empty()) {
                if (!allow) continue; // without rules these match nothing
                (targeted ? found.targeted : found.denies) = true;
                continue;
            }
            const bool everybody = std::ranges::any_of(rules, [](const Value& rule) { return rule.size() == 0; });
            if (allow && everybody && !targeted)
                found.allows_all = true;
            else
                found.targeted = true;
        }
    };
    read(ns.meta.name);
    if (ns.meta.name != "istio-system") read("istio-system");
    return found;
}

Authorization linkerd_authorization(const model::Namespace& ns, const Context& context)
{
    Authorization found;
    found.denies = ns.meta.annotations.is("config.linkerd.io/default-inbound-policy", "deny");
    for (const std::string_view kind : {"servers.policy.linkerd.io", "authorizationpolicies.policy.linkerd.io"})
        found.targeted = found.targeted || !context.index.documents_in(kind, ns.meta.name).empty();
    return found;
}

Authorization consul_authorization(const Context& context)
{
    Authorization found;
    for (const auto& intention : context.inventory.documents_of("serviceintentions.consul.hashicorp.com"))
        for (const auto& source : intention.at("spec.sources").items()) {
            const bool everything = intention.at("spec.destination.name").text() == "*" && source["name"].text() == "*";
            if (everything)
                (source["action"].text() == "deny" ? found.denies : found.allows_all) = true;
            else
                found.targeted = true;
        }
    return found;
}

Authorization kuma_authorization(const Context& context)
{
    Authorization found;
    for (const auto& permission : context.inventory.documents_of("meshtrafficpermissions.kuma.io"))
        for (const auto& from : permission.at("spec.from").items()) {
            const bool everything = permission.at("spec.targetRef.kind").text() == "Mesh";
            const auto action = from.at("default.action").text();
            if (!everything)
                found.targeted = true;
            else
                (action == "Allow" ? found.allows_all : found.denies) = true;
        }
    return found;
}

// ---- mesh-bypass

constexpr std::string_view k_port_annotations[] = {
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "config.linkerd.io/skip-inbound-ports",
    "config.linkerd.io/skip-outbound-ports",
};

void find_exclusions(const model::StringMap& annotations, const Context& context, NameList& found)
{
    const auto& allowed = context.parameters.list("allowPorts");
    for (const auto key : k_port_annotations)
        for (const auto port : check::split_list(annotations.get(key)))
            if (std::ranges::find(allowed, port) == allowed.end()) found.add(fmt::format("{}: {}", key, port));
    for (const auto range : check::split_list(annotations.get("traffic.sidecar.istio.io/excludeOutboundIPRanges")))
        if (range != "169.254.169.254/32") found.add(fmt::format("excludeOutboundIPRanges: {}", range));
    const auto* included = annotations.find("traffic.sidecar.istio.io/includeInboundPorts");
    if (included != nullptr && included->empty()) found.add("includeInboundPorts: none");
}

bool is_meshed(const Workload& workload, const Context& context)
{
    const auto* ns = context.index.find_namespace(workload.ns);
    if (ns != nullptr && !enrolments(*ns).empty()) return true;
    return std::ranges::any_of(workload.pods, [](const auto* pod) {
        return std::ranges::any_of(std::initializer_list<Mesh>{Mesh::istio_sidecar, Mesh::istio_ambient, Mesh::linkerd, Mesh::kuma, Mesh::consul},
                                   [&](Mesh mesh) { return is_in_mesh(*pod, mesh); });
    });
}

/// "web", "web.shop", "web.shop.svc.cluster.local", as a DestinationRule of `rule_ns` names a Service.
bool names_service(std::string_view host, std::string_view rule_ns, const model::Service& service)
{
    const auto dot = host.find('.');
    if (host.substr(0, dot) != service.meta.name.view()) return false;
    if (dot == std::string_view::npos) return rule_ns == service.meta.ns.view();
    const auto rest = host.substr(dot + 1);
    return rest.substr(0, rest.find('.')) == service.meta.ns.view();
}

} // namespace

Verdict judge_mesh_present(const Context& context)
{
    const auto planes = find_software(context, k_mesh_control_planes);
    const auto ready = std::ranges::find(planes, Readiness::ready, &Installation::readiness);
    if (ready != planes.end() && has_enrolled_namespace(context))
        return check::pass(fmt::format("{} carries traffic here", ready->software->name)).proven();
    if (const auto by = encryption(context); !by.empty()) return check::pass(fmt::format("{} encrypts traffic between nodes", by)).proven();
    if (const auto* gap = context.gap("services")) return context.unknown_for(*gap); // their number decides
    const auto namespaces = std::ranges::count_if(context.inventory.namespaces, [&](const auto& ns) { return !context.is_system(ns.meta.name); });
    const auto services = user_services(context);
    constexpr std::ptrdiff_t k_many_namespaces = 10;
    if (namespaces < k_many_namespaces && static_cast<double>(services) < context.parameters.number("svcThreshold"))
        return check::not_applicable("A small cluster: few services and namespaces");
    const bool hidden = !find_software(context, k_cilium).empty() || !find_software(context, k_antrea).empty();
    if (hidden && !context.settings.grants.contains("CM") && !context.inventory.listed.contains("configmaps"))
        return check::unknown(Reason::unobservable, "Whether the network plugin encrypts is in its ConfigMap, read with the grant CM")
            .needs_grant("CM");
    if (const auto* gap = context.gap("configmaps", "kube-system"); hidden && gap != nullptr) return context.unknown_for(*gap);
    return check::warn(fmt::format("{} services in {} namespaces talk in the clear", services, namespaces)).by_absence();
}

Verdict judge_control_plane(const Context& context)
{
    const auto planes = find_software(context, k_mesh_control_planes);
    if (planes.empty()) return check::not_applicable("No service mesh was found");
    auto verdict = check::pass("The control plane stands");
    for (const auto& plane : planes) {
        if (plane.readiness == Readiness::not_observed)
            return check::unknown(Reason::unobservable, "Manifests do not show whether the control plane stands");
        verdict = check::worst(std::move(verdict), judge_replicas(plane));
    }
    for (const auto& agent : find_software(context, k_node_agents))
        verdict = check::worst(std::move(verdict), judge_agent(agent));
    for (const auto& root : k_roots) {
        if (std::ranges::none_of(planes, [&](const auto& plane) { return plane.software->name == root.mesh; })) continue;
        auto of_root = judge_root(root, context);
        if (verdict.status == check::Status::pass && of_root.status == check::Status::pass)
            verdict = std::move(of_root);
        else
            verdict = check::worst(std::move(verdict), std::move(of_root));
    }
    return verdict;
}

Verdict judge_mesh_authorization(const model::Namespace& ns, const Context& context)
{
    const auto meshes = enrolments(ns);
    if (meshes.empty()) return check::not_applicable("The namespace belongs to no mesh").proven();
    auto verdict = check::not_applicable("No mesh");
    for (const auto mesh : meshes) {
        Authorization found;
        switch (mesh) {
        case Mesh::istio_sidecar:
        case Mesh::istio_ambient: found = istio_authorization(ns, context); break;
        case Mesh::linkerd: found = linkerd_authorization(ns, context); break;
        case Mesh::consul: found = consul_authorization(context); break;
        case Mesh::kuma: found = kuma_authorization(context); break;
        }
        verdict = check::worst(std::move(verdict), judge_authorization(found, name(mesh)));
    }
    return verdict;
}

Verdict judge_mesh_bypass(const Workload& workload, const Context& context)
{
    if (is_gateway(workload)) return check::not_applicable("It is a gateway of the mesh").proven();
    if (!is_meshed(workload, context)) return check::not_applicable("It is not in the mesh");
    NameList found;
    for (const auto* pod_template : workload.templates)
        find_exclusions(pod_template->annotations, context, found);
    for (const auto* pod : workload.pods)
        if (found.empty()) find_exclusions(pod->annotations(), context, found);
    const auto services = context.index.services_of(workload);
    for (const auto& rule : context.inventory.documents_of("destinationrules.networking.istio.io")) {
        if (rule.at("spec.trafficPolicy.tls.mode").text() != "DISABLE") continue;
        const auto host = rule.at("spec.host").text();
        if (std::ranges::any_of(services, [&](const auto* service) { return names_service(host, rule.meta.ns, *service); }))
            found.add(fmt::format("DestinationRule {}: DISABLE", rule.meta.name.view()));
    }
    if (found.empty())
        return resting_on(check::pass("All of its traffic goes through the proxy"), context, workload.ns,
                          {"WL", "pods", "destinationrules.networking.istio.io"});
    return check::warn(fmt::format("Traffic of it goes past the proxy: {}", found.text())).with("exclusions", found.values());
}

} // namespace seaworthy::controls

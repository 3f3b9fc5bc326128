// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <cstdlib>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "control_list.hpp"
#include "mesh_enrolment.hpp"
#include "mesh_health.hpp"
#include "mutual_tls.hpp"
#include "names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"
#include "software.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Reason;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

constexpr std::array k_ztunnel{Software{"ztunnel", "ztunnel, mirrored-istio-ztunnel"}};

// --- mesh-namespace-enrolled ---

bool is_mesh_webhook(const model::Document& configuration)
{
    const auto& labels = configuration.meta.labels;
    if (labels.has("istio.io/rev") || labels.has("istio.io/tag") || labels.has("linkerd.io/control-plane-ns")) return true;
    constexpr std::array<std::string_view, 5> k_names{"istio-sidecar-injector*", "istio-revision-tag*", "linkerd-proxy-injector*",
                                                      "kuma-admission-mutating*", "consul*-connect-injector*"};
    return std::ranges::any_of(k_names, [&](std::string_view glob) { return glob_match(glob, configuration.meta.name); });
}

bool has_mesh_webhook(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("mutatingwebhookconfigurations.admissionregistration.k8s.io"), is_mesh_webhook);
}

bool has_service_backed_workload(const model::Namespace& ns, const Context& context)
{
    return std::ranges::any_of(context.index.workloads_in(ns.meta.name),
                               [&](const auto* workload) { return !context.index.services_of(*workload).empty(); });
}

/// OpenShift Service Mesh 2: the roll of a control plane names its namespaces instead of labels.
bool is_on_member_roll(const model::Namespace& ns, const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("servicemeshmemberrolls.maistra.io"), [&](const auto& roll) {
        return roll.at("spec.members").contains(ns.meta.name) || roll.at("status.configuredMembers").contains(ns.meta.name);
    });
}

/// Istio's webhook for namespaces without labels (enableNamespacesByDefault): a selector that excludes, and asks for nothing.
bool injects_by_default(const Context& context)
{
    for (const auto& configuration : context.inventory.documents_of("mutatingwebhookconfigurations.admissionregistration.k8s.io"))
        if (is_mesh_webhook(configuration))
            for (const auto& webhook : configuration["webhooks"].items())
                if (webhook["name"].text().find("auto.sidecar-injector.istio.io") != std::string_view::npos) return true;
    return false;
}

/// A namespace that a control plane runs in.
bool is_mesh_namespace(const model::Namespace& ns, const std::vector<Installation>& planes)
{
    return std::ranges::any_of(planes, [&](const auto& plane) { return plane.workload->ns == ns.meta.name; });
}

Verdict judge_namespace_enrolled(const model::Namespace& ns, const Context& context)
{
    if (const auto meshes = enrolments(ns); !meshes.empty()) return pass(fmt::format("The namespace belongs to {}", name(meshes.front()))).proven();
    if (is_on_member_roll(ns, context)) return pass("A ServiceMeshMemberRoll names the namespace").proven();
    const auto planes = find_software(context, k_mesh_control_planes);
    if (planes.empty() && !has_mesh_webhook(context)) return not_applicable("No service mesh was found");
    if (is_mesh_namespace(ns, planes)) return not_applicable("The mesh's own namespace");
    if (opts_out(ns)) return warn("The namespace is kept out of the mesh on purpose");
    if (!has_service_backed_workload(ns, context)) return not_applicable("No workload here is behind a Service");
    if (injects_by_default(context)) return pass("Istio injects into namespaces without labels");
    const std::string message = "Nothing says whether the namespace belongs to the mesh";
    return (context.parameters.text("required") == "all" ? fail(message) : warn(message)).by_absence();
}

// --- mesh-workload-in-mesh ---

/// Nodes on which ztunnel is ready: elsewhere the redirection that a pod's annotation notes leads nowhere.
std::set<std::string_view> ztunnel_nodes(const Context& context)
{
    std::set<std::string_view> nodes;
    for (const auto& agent : find_software(context, k_ztunnel))
        for (const auto* pod : agent.workload->pods)
            if (pod->ready) nodes.insert(pod->node_name);
    return nodes;
}

struct MeshTally {
    NameList outside;
    NameList opted_out;
    NameList unserved; ///< ambient pods on a node without ztunnel
    std::size_t inside = 0;
};

MeshTally tally_pods(const model::Workload& workload, Mesh mesh, const Context& context)
{
    MeshTally tally;
    const auto served = mesh == Mesh::istio_ambient ? ztunnel_nodes(context) : std::set<std::string_view>{};
    for (const auto* pod : workload.pods) {
        if (pod->spec() != nullptr && pod->spec()->host_network) continue;
        if (is_in_mesh(*pod, mesh)) {
            ++tally.inside;
            if (mesh == Mesh::istio_ambient && !is_in_mesh(*pod, Mesh::istio_sidecar) && !served.contains(pod->node_name))
                tally.unserved.add(pod->name.str());
        } else if (opts_out(*pod)) {
            tally.opted_out.add(pod->name.str());
        } else {
            tally.outside.add(pod->name.str());
        }
    }
    return tally;
}

Verdict judge_workload_in_mesh(const model::Workload& workload, const Context& context)
{
    const auto* ns = context.index.find_namespace(workload.ns);
    if (ns == nullptr) return not_applicable("Its namespace is not known");
    const auto meshes = enrolments(*ns);
    if (meshes.empty()) return not_applicable("Its namespace belongs to no mesh").proven();
    const bool batch = workload.kind == "Job" || workload.kind == "CronJob";
    if (batch && !context.parameters.flag("includeJobs")) return not_applicable("Jobs are not judged").proven();
    if (is_gateway(workload)) return not_applicable("It is a gateway of the mesh").proven();
    if (context.inventory.cluster.partial) return unknown(Reason::unobservable, "Manifests do not show what the injector adds to pods");
    const auto tally = tally_pods(workload, meshes.front(), context);
    if (!tally.outside.empty())
        return fail(fmt::format("The namespace belongs to {}, but pods run without its proxy: {}", name(meshes.front()), tally.outside.text()))
            .with("pods", tally.outside.values());
    if (!tally.unserved.empty())
        return warn(fmt::format("Pods are redirected to ztunnel, which is not ready on their node: {}", tally.unserved.text()))
            .with("pods", tally.unserved.values());
    if (!tally.opted_out.empty())
        return warn(fmt::format("Pods are kept out of the mesh on purpose: {}", tally.opted_out.text())).with("pods", tally.opted_out.values());
    if (tally.inside == 0) return not_applicable("No pod of it can be injected: none runs, or they use the host's network");
    return pass(fmt::format("Every pod belongs to {}", name(meshes.front())));
}

// --- mesh-proxy-version-skew ---

struct Version {
    long major = 0;
    long minor = 0;
    long patch = 0;
    friend auto operator<=>(const Version&, const Version&) = default;
};

/// `1.27.3`, `v1.27.3-distroless`, `stable-2.14.1`, `edge-25.8.1`; nothing for a tag without a version.
std::optional<Version> parse_version(std::string_view text)
{
    const auto first = text.find_first_of("0123456789");
    if (first == std::string_view::npos) return std::nullopt;
    const char* at = text.data() + first;
    const char* const end = text.data() + text.size();
    Version version;
    for (auto* part : {&version.major, &version.minor, &version.patch}) {
        const auto [rest, error] = std::from_chars(at, end, *part);
        if (error != std::errc{}) return part == &version.patch ? std::optional{version} : std::nullopt;
        if (part == &version.patch || rest == end || *rest != '.') return part == &version.major ? std::nullopt : std::optional{version};
        at = rest + 1;
    }
    return version;
}

std::string_view revision_of(const model::StringMap& labels, const model::StringMap& annotations)
{
    const auto label = labels.get("istio.io/rev");
    if (!label.empty()) return label;
    const auto annotation = annotations.get("istio.io/rev");
    return annotation.empty() ? std::string_view{"default"} : annotation;
}

std::string_view container_image(const model::PodSpec& spec, std::string_view name)
{
    const auto found = std::ranges::find(spec.containers, name, [](const model::Container& container) { return container.name.view(); });
    return found == spec.containers.end() ? std::string_view{} : found->image.view();
}

std::optional<Version> image_version(std::string_view image)
{
    const auto reference = model::parse_image_reference(image);
    return reference && !reference->tag.empty() ? parse_version(reference->tag) : std::nullopt;
}

/// The version of a control plane: of Istio that of the pod's revision, of several the newest; nothing where it is not found or names none.
std::optional<Version> plane_version(const Context& context, Mesh mesh, std::string_view revision)
{
    std::optional<Version> newest;
    for (const auto& plane : find_software(context, std::span<const Software>{k_mesh_control_planes}.subspan(mesh == Mesh::linkerd ? 1 : 0, 1))) {
        for (const auto* pod_template : plane.workload->templates) {
            if (mesh == Mesh::istio_sidecar && revision_of(pod_template->labels, pod_template->annotations) != revision) continue;
            for (const auto& container : pod_template->spec->containers)
                if (is_image_of(container.image, plane.software->repositories)) newest = std::max(newest, image_version(container.image));
        }
    }
    return newest;
}

Verdict judge_pod_skew(const model::Pod& pod, const Context& context)
{
    const bool istio = !container_image(*pod.spec(), "istio-proxy").empty();
    const bool linkerd = !container_image(*pod.spec(), "linkerd-proxy").empty();
    if (!istio && !linkerd) return not_applicable("No pod of it has a proxy");
    const auto proxy =
        istio ? image_version(container_image(*pod.spec(), "istio-proxy")) : parse_version(pod.annotations().get("linkerd.io/proxy-version"));
    const auto plane = plane_version(context, istio ? Mesh::istio_sidecar : Mesh::linkerd, revision_of(pod.labels(), pod.annotations()));
    if (!proxy || !plane) return unknown(Reason::unobservable, "The image of the proxy or of its control plane does not say its version");
    if (*proxy == *plane) return pass("Proxies and control plane have one version");
    const auto message = fmt::format("The proxy has version {}.{}.{}, its control plane {}.{}.{}", proxy->major, proxy->minor, proxy->patch,
                                     plane->major, plane->minor, plane->patch);
    const bool far = proxy->major != plane->major || std::abs(proxy->minor - plane->minor) > 1;
    return far ? fail(message) : warn(message);
}

Verdict judge_version_skew(const model::Workload& workload, const Context& context)
{
    if (is_gateway(workload)) return not_applicable("It is a gateway of the mesh").proven();
    auto result = not_applicable("No pod of it has a proxy");
    std::set<std::tuple<const model::PodSpec*, std::string_view, std::string_view>> seen;
    for (const auto* pod : workload.pods)
        if (pod->spec() != nullptr &&
            seen.emplace(pod->spec(), pod->annotations().get("linkerd.io/proxy-version"), revision_of(pod->labels(), pod->annotations())).second)
            result = worst(std::move(result), judge_pod_skew(*pod, context));
    return result;
}

// --- mesh-enrolment-conflict ---

bool serves_revision(const Context& context, std::string_view revision)
{
    return std::ranges::any_of(
        context.inventory.documents_of("mutatingwebhookconfigurations.admissionregistration.k8s.io"), [&](const auto& configuration) {
            return configuration.meta.labels.is("istio.io/rev", revision) || configuration.meta.labels.is("istio.io/tag", revision);
        });
}

Verdict judge_enrolment_conflict(const model::Namespace& ns, const Context& context)
{
    const auto injection = ns.meta.labels.get("istio-injection");
    const auto revision = ns.meta.labels.get("istio.io/rev");
    const auto meshes = enrolments(ns);
    if (meshes.empty() && revision.empty() && injection.empty()) {
        if (!has_mesh_webhook(context)) return not_applicable("No service mesh was found");
        return pass("The namespace has no mesh labels").proven();
    }
    if (injection.empty() && !revision.empty() && !serves_revision(context, revision))
        return fail(fmt::format("No injector serves revision {}: new pods start without a proxy, and nobody is told", revision)).by_absence();
    NameList conflicts;
    if (!injection.empty() && !revision.empty()) conflicts.add("istio-injection and istio.io/rev: the first one wins");
    const auto has = [&](Mesh mesh) { return std::ranges::find(meshes, mesh) != meshes.end(); };
    if (has(Mesh::istio_sidecar) && has(Mesh::istio_ambient)) conflicts.add("sidecar and ambient mode: the sidecar wins");
    const bool istio = has(Mesh::istio_sidecar) || has(Mesh::istio_ambient);
    const auto products = static_cast<int>(istio) + has(Mesh::linkerd) + has(Mesh::kuma) + has(Mesh::consul);
    if (products > 1) conflicts.add("two service meshes");
    if (conflicts.empty()) return pass("The namespace's mesh labels agree").proven();
    const auto message = fmt::format("The namespace's mesh labels contradict each other: {}", conflicts.text());
    if (ns.meta.created.known() && !ns.meta.created.at_least(context.parameters.duration("grace"), context.now))
        return pass(message).with("note", "younger than the grace").proven();
    return warn(message).with("conflicts", conflicts.values());
}

constexpr std::array k_enrolled_parameters{
    Parameter{"required", Parameter::Type::text, "labelled", "`all`: a namespace that nothing mentions fails; `labelled`: it is a warning."},
};
constexpr std::array k_in_mesh_parameters{
    Parameter{"includeJobs", Parameter::Type::flag, "false", "Judge Jobs and CronJobs too."},
};
constexpr std::array k_conflict_parameters{
    Parameter{"grace", Parameter::Type::duration, "24h", "How long both ways may stand side by side during a migration."},
};
constexpr std::array k_enrolled_fields{
    Fields{"mutatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.name"},
    Fields{"servicemeshmemberrolls.maistra.io", "spec.members, status.configuredMembers"},
};

constexpr std::array k_present_parameters{
    Parameter{"svcThreshold", Parameter::Type::number, "50", "From how many services on a cluster is large."},
};
constexpr std::array k_bypass_parameters{
    Parameter{"allowPorts", Parameter::Type::list, "[]", "Ports that may go past the proxy."},
};

constexpr std::array k_checks{
    Check{
        .id = "mesh-present",
        .title = "Large cluster without service mesh or transport encryption",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "WL,namespaces,felixconfigurations.projectcalico.org,felixconfigurations.crd.projectcalico.org,"
                 "networks.operator.openshift.io,nodes,configmap:kube-system/cilium-config,configmap:kube-system/antrea-config",
        .grants = "WL,NS,CN,OX,NO,+CM",
        .fields = k_encryption_fields,
        .parameters = k_present_parameters,
        .rationale = "In a large cluster somebody always talks in the clear, and nobody knows who talks to whom.",
        .rule = "pass: a mesh with a ready control plane and an enrolled namespace, or a network plugin that encrypts between nodes (Cilium, Calico, "
                "Antrea, OVN-Kubernetes, flannel). warn: neither, with `svcThreshold` services or ten namespaces. unknown: the plugin's ConfigMap is "
                "not read (grant CM). not_applicable: a small cluster.",
        .remediation = "Adopt a mesh early, or switch the plugin's encryption on:\n  cilium: encryption.enabled=true, encryption.type=wireguard",
        .references = "https://kubernetes.io/docs/concepts/security/security-checklist/#network-security",
        .judge_cluster = judge_mesh_present,
    },
    Check{
        .id = "mesh-control-plane-healthy",
        .title = "Mesh control plane is degraded or its CA expires",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL,configmap:istio-system/istio-ca-root-cert,configmap:linkerd/linkerd-identity-trust-roots",
        .grants = "WL,+CM",
        .rationale = "While the control plane is down no pod joins the mesh; when its root certificate ends, nobody talks any more.",
        .rule = "fail: a control plane has nothing available, a node agent is ready nowhere, or the root certificate ends within two weeks. warn: "
                "one replica, an agent missing on some nodes, a root that ends within 60 days or has expired beside others. pass: none of these; "
                "with a note where the root was not read (grant CM). not_applicable: no mesh.",
        .remediation = "Run two replicas, and rotate the root in good time.",
        .limits = "The root is read from the ConfigMap that the mesh publishes, never from its Secret.",
        .references = "https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/, "
                      "https://linkerd.io/2/tasks/manually-rotating-control-plane-tls-credentials/",
        .judge_cluster = judge_control_plane,
    },
    Check{
        .id = "mesh-authz-default-deny",
        .title = "Any meshed identity may call any service",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "authorizationpolicies.security.istio.io,servers.policy.linkerd.io,authorizationpolicies.policy.linkerd.io,"
                 "serviceintentions.consul.hashicorp.com,meshtrafficpermissions.kuma.io,namespaces",
        .grants = "MS,NS",
        .fields = k_mesh_authorization_fields,
        .rationale = "Mutual TLS says who calls; without a policy everybody may.",
        .rule = "pass: what no policy allows is denied: an ALLOW policy without rules in the namespace or the root namespace (Istio), deny "
                "(Linkerd), an intention or permission for everything (Consul, Kuma). warn: policies for some workloads only. fail: none, or one "
                "that allows everybody. not_applicable: in no mesh.",
        .remediation = "kind: AuthorizationPolicy\n  metadata: {name: allow-nothing, namespace: shop}\n  spec: {}",
        .limits = "A DENY policy without rules matches nothing. Rules about HTTP need a waypoint in ambient mode.",
        .references = "https://istio.io/latest/docs/ops/best-practices/security/#use-default-deny-patterns",
        .judge_namespace = judge_mesh_authorization,
    },
    Check{
        .id = "mesh-bypass",
        .title = "Traffic is excluded from the proxy",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,pods,destinationrules.networking.istio.io",
        .grants = "WL,PO,RT",
        .fields = k_bypass_fields,
        .parameters = k_bypass_parameters,
        .rationale = "What goes past the proxy is neither encrypted nor judged by any policy of the mesh.",
        .rule = "warn: annotations exclude ports outside of `allowPorts`, or addresses other than the metadata service, from the proxy, or a "
                "DestinationRule switches TLS off for its Service. pass: none. not_applicable: not in the mesh.",
        .remediation = "Remove the exclusion, or declare the port opaque.",
        .limits = "Databases that encrypt themselves are excluded for good reason: enter their ports in `allowPorts`.",
        .references = "https://istio.io/latest/docs/reference/config/annotations/",
        .judge_workload = judge_mesh_bypass,
    },
    Check{
        .id = "mesh-mtls-strict",
        .title = "Plaintext traffic is accepted inside the mesh",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "peerauthentications.security.istio.io, servers.policy.linkerd.io, authorizationpolicies.policy.linkerd.io, meshes.kuma.io, "
                 "meshes.consul.hashicorp.com, servicedefaults.consul.hashicorp.com, namespaces, configmap:istio-system/istio, "
                 "configmap:linkerd/linkerd-config",
        .grants = "MS,NS,+CM",
        .fields = k_mutual_tls_fields,
        .rationale = "A mesh that takes plaintext too proves nobody's identity: any pod that is not in it connects as before.",
        .rule = "pass: Istio's mode is STRICT, Linkerd's default policy asks for authentication or denies, Kuma's mesh has mutual TLS, Consul is "
                "strict. warn: "
                "PERMISSIVE, Linkerd's unauthenticated policies, or a port or selected pods with such a mode. fail: DISABLE, "
                "which in ambient mode counts as PERMISSIVE, or a Kuma mesh without mutual TLS. unknown: Linkerd's default was not read (grant CM). "
                "not_applicable: in no mesh.",
        .remediation = "Once every client is in the mesh:\n"
                       "  apiVersion: security.istio.io/v1\n"
                       "  kind: PeerAuthentication\n"
                       "  metadata: {name: default, namespace: istio-system}\n"
                       "  spec: {mtls: {mode: STRICT}}",
        .limits = "Linkerd's Servers and AuthorizationPolicies may be stricter than its default policy and are not evaluated.",
        .references = "https://istio.io/latest/docs/reference/config/security/peer_authentication/",
        .judge_namespace = judge_mutual_tls,
    },
    Check{
        .id = "mesh-namespace-enrolled",
        .title = "Namespace is outside the mesh",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "namespaces, mutatingwebhookconfigurations.admissionregistration.k8s.io, services, WL, servicemeshmemberrolls.maistra.io",
        .grants = "NS,AD,SV,WL,MS",
        .fields = k_enrolled_fields,
        .parameters = k_enrolled_parameters,
        .rationale = "Where a mesh gives identity and encryption, a namespace outside it speaks plain text to everyone.",
        .rule = "pass: labels, annotations or a member roll enrol the namespace. warn: kept out on purpose, or nothing mentions it. fail: nothing "
                "mentions it "
                "and required is `all`. not_applicable: no mesh, its own namespaces, or no workload behind a Service.",
        .remediation = "kubectl label namespace NAME istio-injection=enabled (ambient: istio.io/dataplane-mode=ambient; Linkerd: kubectl annotate "
                       "namespace NAME "
                       "linkerd.io/inject=enabled), then kubectl -n NAME rollout restart deployment",
        .references = "https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/, https://linkerd.io/2/features/proxy-injection/",
        .judge_namespace = judge_namespace_enrolled,
    },
    Check{
        .id = "mesh-workload-in-mesh",
        .title = "Pod in a meshed namespace has no proxy",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods, namespaces, WL",
        .grants = "PO,NS,WL",
        .parameters = k_in_mesh_parameters,
        .rationale = "A pod without the proxy is outside of the mesh's encryption and authorisation, while its namespace's label says the contrary.",
        .rule = "fail: the namespace is enrolled and a pod has no proxy. warn: the pod opts out, or is redirected to a ztunnel that is not ready. "
                "pass: every pod "
                "is in the mesh. not_applicable: namespace not enrolled, host network, gateways, Jobs.",
        .remediation = "Pods keep what they were created with. Restart them: kubectl -n NAMESPACE rollout restart KIND/NAME",
        .references = "https://istio.io/latest/docs/ops/common-problems/injection/, https://linkerd.io/2/features/proxy-injection/",
        .judge_workload = judge_workload_in_mesh,
    },
    Check{
        .id = "mesh-proxy-version-skew",
        .title = "Sidecar is older than the control plane",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods, WL",
        .grants = "PO,WL",
        .rationale = "Sidecars are not upgraded with their control plane: they keep known holes until their pods are restarted.",
        .rule = "fail: more than one minor version apart. warn: another minor or patch version. pass: the same. unknown: images without a version. "
                "not_applicable: no proxy.",
        .remediation = "kubectl -n NAMESPACE rollout restart KIND/NAME",
        .limits = "Revisioned control planes are compared with the pods of their own revision.",
        .references = "https://istio.io/latest/docs/releases/supported-releases/#control-planedata-plane-skew",
        .judge_workload = judge_version_skew,
    },
    Check{
        .id = "mesh-enrolment-conflict",
        .title = "Contradictory mesh labels",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "namespaces, mutatingwebhookconfigurations.admissionregistration.k8s.io",
        .grants = "NS,AD",
        .parameters = k_conflict_parameters,
        .rationale = "Labels that contradict each other do what nobody meant; one that names a dead revision leaves new pods without a proxy.",
        .rule = "fail: istio.io/rev names no injector. warn: two ways of enrolment, or two meshes. pass: otherwise. not_applicable: no mesh.",
        .remediation = "Keep one of them: kubectl label namespace NAME istio-injection- ; for a new revision: kubectl label namespace NAME "
                       "istio.io/rev=REVISION --overwrite",
        .references = "https://istio.io/latest/docs/setup/upgrade/canary/",
        .judge_namespace = judge_enrolment_conflict,
    },
};

} // namespace

constinit const check::Control k_service_mesh{
    .id = "service-mesh",
    .step = 15,
    .title = "Service mesh",
    .weight = 0.5,
    .summary = "Where a mesh is used, everything that should be in it is, encrypted and authorised.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

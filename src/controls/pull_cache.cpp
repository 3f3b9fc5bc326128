// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "control_list.hpp"
#include "names.hpp"
#include "node_reports.hpp"
#include "seaworthy/model/image_reference.hpp"
#include "software.hpp"
#include "template_parts.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::ObjectKey;
using check::Parameter;
using check::pass;
using check::Reason;
using check::Results;
using check::Scope;
using check::Severity;
using check::Status;
using check::unknown;
using check::Verdict;
using check::warn;

bool holds(const std::vector<std::string>& list, std::string_view item)
{
    return std::ranges::find(list, item) != list.end();
}

// --- pullcache-node-mirror ---

Verdict judge_mirror(MirrorKind kind, std::string_view registry)
{
    switch (kind) {
    case MirrorKind::internal: return pass("An internal mirror serves every registry that is used").proven();
    case MirrorKind::public_cache: return warn(fmt::format("{} has only a public cache, which holds what many others ask for", registry));
    case MirrorKind::peer_to_peer:
        return warn(fmt::format("{} has only peers: the first pull, and every image that was collected, comes from upstream", registry));
    default: return fail(fmt::format("{} has no mirror on this node", registry));
    }
}

Verdict judge_report(const model::JsonText& report, const std::vector<std::string>& used, const Context& context)
{
    const auto& domains = context.parameters.list("internalDomains");
    auto result = not_applicable("No pod uses one of the registries that should be mirrored");
    std::vector<std::string> states;
    for (const auto& registry : context.parameters.list("registries")) {
        const auto kind = best_mirror(report, registry, domains);
        states.push_back(fmt::format("{}: {}", registry, name(kind)));
        if (holds(used, registry) || context.parameters.flag("requireUnused")) result = worst(std::move(result), judge_mirror(kind, registry));
    }
    for (const auto& registry : context.parameters.list("optional"))
        states.push_back(fmt::format("{} (optional): {}", registry, name(best_mirror(report, registry, domains))));
    if (result.status < Status::warn && result.status != Status::not_applicable && ignores_mirrors(report))
        result = warn("containerd takes config_path for one folder, colon included, and ignores every hosts.toml").with("word", "config-path-colon");
    return std::move(result).with("registries", states).with("level", "node");
}

bool has_no_host(const model::Node& node)
{
    return node.meta.labels.is("eks.amazonaws.com/compute-type", "fargate") || node.meta.labels.is("type", "virtual-kubelet") ||
           node.operating_system == "windows";
}

void run_node_mirror(const Context& context, Results& results)
{
    if (!has_node_reports(context)) {
        results.add(ObjectKey::cluster(), {},
                    unknown(Reason::unobservable, "The API does not show which mirrors nodes use, and the node-probe is not in use")
                        .needs_grant("NPR")
                        .with("word", "probe-disabled"));
        return;
    }
    const auto used = hosts_in_use(context);
    for (const auto& node : context.inventory.nodes) {
        const auto key = ObjectKey::of("v1", "Node", node.meta);
        if (has_no_host(node)) {
            results.add(key, {}, not_applicable("A DaemonSet cannot look at this node").proven());
            continue;
        }
        const auto found = report_of(context, node.meta.name);
        if (!found.report)
            results.add(key, {}, unknown(found.reason, found.problem).needs_grant("NPR").with("word", "stale"));
        else
            results.add(key, {}, judge_report(*found.report, used, context));
    }
}

// --- pullcache-cluster-signal ---

constexpr std::array k_spegel{Software{"Spegel", "spegel-org/spegel, spegel"}};
constexpr std::array k_caches{
    Software{"kuik", "kube-image-keeper*, enix/kube-image-keeper*"},
    Software{"Dragonfly", "dragonflyoss/*"},
    Software{"Harbor", "goharbor/harbor-core"},
    Software{"Nexus", "sonatype/nexus3"},
    Software{"Artifactory", "jfrog/artifactory-*"},
    Software{"Zot", "project-zot/zot*, zot-linux-*, zot"},
    Software{"Quay", "projectquay/quay, quay-rhel*"},
};
constexpr std::array k_registries{Software{"a registry proxy", "library/registry, registry, distribution/distribution"}};

/// What the API shows of pull-through caching, weakest to strongest.
struct Signals {
    std::set<std::string> wired; ///< registries that the nodes' runtimes are told to take elsewhere
    bool all_wired = false;
    NameList doubtful; ///< wiring of unknown content, or a cache that nothing points to
};

/// The registries that Spegel mirrors by its arguments; nothing: all of them.
std::vector<std::string> spegel_registries(const model::Workload& workload)
{
    std::vector<std::string> registries;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        bool listing = false;
        for (const auto& argument : container.args) {
            auto text = argument.view();
            const bool option = text.starts_with("--");
            if (option) listing = text.starts_with("--mirrored-registries") || text.starts_with("--registries");
            if (option && text.find('=') != std::string_view::npos)
                text.remove_prefix(text.find('=') + 1);
            else if (option)
                continue;
            if (!listing) continue;
            for (auto entry : check::split_list(text)) {
                if (const auto scheme = entry.find("://"); scheme != std::string_view::npos) entry.remove_prefix(scheme + 3);
                registries.emplace_back(entry);
            }
        }
    });
    return registries;
}

void add_spegel(const Context& context, Signals& signals)
{
    for (const auto& spegel : find_software(context, k_spegel)) {
        if (spegel.readiness != Readiness::ready) {
            signals.doubtful.add("Spegel is installed but not ready");
            continue;
        }
        const auto registries = spegel_registries(*spegel.workload);
        signals.all_wired = signals.all_wired || registries.empty();
        signals.wired.insert(registries.begin(), registries.end());
    }
}

bool writes_mirror_configuration(const model::Workload& workload)
{
    return std::ranges::any_of(workload.templates, [](const auto* pod_template) {
        return std::ranges::any_of(pod_template->spec->volumes, [](const model::Volume& volume) {
            return volume.kind == model::Volume::Kind::host_path && volume.source.view().starts_with("/etc/containerd/certs.d");
        });
    });
}

void add_caches(const Context& context, Signals& signals)
{
    for (const auto& cache : find_software(context, k_caches))
        signals.doubtful.add(fmt::format("{} runs, but nothing shows that nodes pull through it", cache.software->name));
    for (const auto& registry : find_software(context, k_registries)) {
        bool proxy = false;
        for_each_container(*registry.workload, [&](const model::Container& container, const model::PodTemplate&) {
            proxy = proxy || std::ranges::any_of(container.env, [](const auto& variable) { return variable.name == "REGISTRY_PROXY_REMOTEURL"; });
        });
        if (proxy)
            signals.doubtful.add(fmt::format("{} is a registry proxy, but nothing shows that nodes pull through it", name_of(*registry.workload)));
    }
    for (const auto& workload : context.index.workloads())
        if (workload.kind == "DaemonSet" && writes_mirror_configuration(workload))
            signals.doubtful.add(fmt::format("{} writes mirror configuration that the API does not show", name_of(workload)));
}

void add_nodes(const Context& context, Signals& signals)
{
    for (const auto& node : context.inventory.nodes) {
        const auto arguments = node.meta.annotations.get("k3s.io/node-args");
        if (arguments.find("--embedded-registry") != std::string_view::npos)
            signals.doubtful.add("k3s serves images between nodes, for registries that the API does not show");
        if (arguments.find("--private-registry") != std::string_view::npos)
            signals.doubtful.add("k3s reads a registries.yaml that the API does not show");
    }
    if (context.inventory.cluster.platform == "gke") signals.wired.insert("docker.io"); // mirror.gcr.io
}

constexpr std::string_view k_tag_sets = "imagetagmirrorsets.config.openshift.io";
constexpr std::string_view k_digest_sets = "imagedigestmirrorsets.config.openshift.io";
constexpr std::string_view k_legacy_sets = "imagecontentsourcepolicies.operator.openshift.io";

void add_mirror_sets(const Context& context, Signals& signals)
{
    for (const auto& set : context.inventory.documents_of(k_tag_sets))
        for (const auto& entry : set.at("spec.imageTagMirrors").items())
            signals.wired.emplace(entry["source"].text());
    if (!context.inventory.documents_of(k_digest_sets).empty()) signals.doubtful.add("ImageDigestMirrorSets cover pulls by digest only");
}

Verdict judge_cluster_signal(const Context& context)
{
    if (has_node_reports(context)) return not_applicable("Reports of the node-probe prove more").proven();
    Signals signals;
    add_spegel(context, signals);
    add_caches(context, signals);
    add_nodes(context, signals);
    add_mirror_sets(context, signals);
    NameList missing;
    for (const auto& registry : context.parameters.list("registries"))
        if (!signals.all_wired && !signals.wired.contains(registry)) missing.add(registry);
    if (missing.empty())
        return pass("Nodes are told to pull the default registries through a cache")
            .proven()
            .with("word", "pass-low-confidence")
            .with("level", "api");
    // A list that could not be read may hold the signal that is missing: that weighs more than what nobody can see anyway.
    for (const auto& need : check::expand_needs("WL, nodes, imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io"))
        if (const auto* gap = context.gap(need); gap != nullptr && model::is_missing(gap->reason)) return context.unknown_for(*gap);
    if (!signals.wired.empty())
        return warn(fmt::format("Nodes are told to pull some registries through a cache, but not {}", missing.text()))
            .with("missing", missing.values())
            .with("level", "api");
    if (!signals.doubtful.empty())
        return warn(fmt::format("There are signs of a pull-through cache, none of them proof: {}", signals.doubtful.text()))
            .with("signs", signals.doubtful.values())
            .with("level", "api");
    if (const auto* attestation = context.attested("pullCache"); attestation != nullptr) {
        auto verdict = pass(fmt::format("Nodes pull through a cache, says {}", attestation->by)).proven();
        verdict.attested = true;
        return verdict;
    }
    return unknown(Reason::unobservable, "Nothing in the API shows a pull-through cache; the node-probe would")
        .needs_grant("NPR")
        .with("level", "none");
}

// --- pullcache-openshift-mirrors ---

/// How much of a registry the sources of mirror sets name.
enum class Coverage { none, part, whole };

Coverage coverage_of(const Context& context, std::string_view resource, std::string_view list, std::string_view registry)
{
    auto best = Coverage::none;
    for (const auto& set : context.inventory.documents_of(resource)) {
        for (const auto& entry : set["spec"][list].items()) {
            const auto source = entry["source"].text();
            if (source == registry) return Coverage::whole;
            if (source.starts_with(fmt::format("{}/", registry))) best = Coverage::part;
        }
    }
    return best;
}

struct Pulls {
    bool any = false;
    bool by_tag = false;
};

Pulls pulls_from(const Context& context, std::string_view registry)
{
    Pulls pulls;
    for (const auto& use : context.index.images()) {
        if (use.reference.host != registry) continue;
        if (std::ranges::none_of(use.workloads, [](const auto* workload) { return !workload->pods.empty(); })) continue;
        pulls.any = true;
        pulls.by_tag = pulls.by_tag || use.reference.digest.empty();
    }
    return pulls;
}

bool is_updating(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("machineconfigpools.machineconfiguration.openshift.io"),
                               [](const auto& pool) { return model::condition_of(pool, "Updated")["status"].text() == "False"; });
}

Verdict judge_registry_mirrors(const Context& context, std::string_view registry)
{
    const auto tags = coverage_of(context, k_tag_sets, "imageTagMirrors", registry);
    const auto digests = coverage_of(context, k_digest_sets, "imageDigestMirrors", registry);
    const auto legacy = coverage_of(context, k_legacy_sets, "repositoryDigestMirrors", registry);
    const auto pulls = pulls_from(context, registry);
    const auto any = std::max({tags, digests, legacy});
    if (!pulls.any && any == Coverage::none) return not_applicable("No pod uses the registry and no mirror set names it");
    if (any == Coverage::none) return fail("No mirror set names the registry").by_absence();
    if (tags == Coverage::none && pulls.by_tag) return fail("Only digest mirror sets name the registry, and pods pull from it by tag").by_absence();
    if (std::max(tags, digests) == Coverage::none)
        return warn("Only an ImageContentSourcePolicy, which is deprecated, names the registry").by_absence();
    if ((tags == Coverage::whole || (digests == Coverage::whole && !pulls.by_tag)) == false)
        return warn("The mirror sets name only a part of the registry").by_absence();
    if (is_updating(context)) return warn("A machine config pool has not taken over its newest configuration yet");
    return pass("A mirror set covers the registry");
}

void run_openshift_mirrors(const Context& context, Results& results)
{
    // HyperShift keeps mirror sets in the HostedCluster, where this cluster cannot see them.
    const bool decides_here =
        context.inventory.serves_group("config.openshift.io") && context.inventory.serves("machineconfigpools.machineconfiguration.openshift.io");
    for (const auto& registry : context.parameters.list("registries"))
        results.add(ObjectKey::registry(registry), {},
                    decides_here ? judge_registry_mirrors(context, registry)
                                 : not_applicable("Mirror sets are OpenShift's, and decided in this cluster").proven());
}

constexpr Parameter k_registries_parameter{"registries", Parameter::Type::list, "[docker.io, quay.io, ghcr.io, gcr.io]",
                                           "Registries that nodes should pull through a mirror."};
constexpr std::array k_node_parameters{
    k_registries_parameter,
    Parameter{"optional", Parameter::Type::list, "[registry.k8s.io, public.ecr.aws, mcr.microsoft.com]", "Registries whose mirrors are only noted."},
    Parameter{"internalDomains", Parameter::Type::list, "[]", "Domains of mirrors of your own."},
    Parameter{"requireUnused", Parameter::Type::flag, "false", "Judge registries that no pod uses too."},
};
constexpr std::array k_registry_parameters{k_registries_parameter};
constexpr std::array k_signal_fields{Fields{k_digest_sets, "spec.imageDigestMirrors"}, Fields{k_tag_sets, "spec.imageTagMirrors"}};
constexpr std::array k_openshift_fields{
    Fields{k_digest_sets, "spec.imageDigestMirrors"},
    Fields{k_tag_sets, "spec.imageTagMirrors"},
    Fields{k_legacy_sets, "spec.repositoryDigestMirrors"},
    Fields{"machineconfigpools.machineconfiguration.openshift.io", "status.conditions"},
};

constexpr std::array k_checks{
    Check{
        .id = "pullcache-node-mirror",
        .title = "Node has no mirror for a default registry",
        .scope = Scope::node,
        .severity = Severity::high,
        .needs = "nodes, pods, node-probe",
        .grants = "NO,PO,NPR",
        .subjects = "nodes",
        .parameters = k_node_parameters,
        .rationale = "Without a mirror a node cannot start a pod while the registry is down, throttles or has removed the image.",
        .rule = "The worst registry in use decides. pass: an internal mirror. warn: only peers or a public cache, or containerd ignores the mirrors "
                "because of "
                "a colon in config_path. fail: none. unknown: no report within 15 minutes.",
        .remediation = "containerd: /etc/containerd/certs.d/docker.io/hosts.toml with\n[host.\"https://mirror.example\"]\n  capabilities = "
                       "[\"pull\", \"resolve\"]\n"
                       "CRI-O: a [[registry.mirror]] in /etc/containers/registries.conf.d/. Put it into the node image or bootstrap.",
        .limits = "A file that changed after the runtime started may not be in force.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md, "
                      "https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md",
        .run = run_node_mirror,
    },
    Check{
        .id = "pullcache-cluster-signal",
        .title = "No API-visible sign of a pull-through cache",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL, nodes, imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io",
        .grants = "WL,NO,OX",
        .fields = k_signal_fields,
        .parameters = k_registry_parameters,
        .rationale = "The runtime's mirrors are set on nodes, out of the API's sight; some set-ups leave traces all the same.",
        .rule = "pass (low confidence): runtimes are pointed at a cache for every registry. warn: for some, or only a cache or wiring of unknown "
                "content. unknown: "
                "no trace. not_applicable: the node-probe reports.",
        .remediation = "Deploy the node-probe for proof, or a cache that wires the runtime, such as Spegel: helm install spegel "
                       "oci://ghcr.io/spegel-org/helm-charts/spegel",
        .limits = "Peers serve what some node already has. That Harbor runs proves nothing: its proxy projects are data of its own.",
        .references = "https://spegel.dev/, https://docs.openshift.com/container-platform/latest/openshift_images/image-configuration.html",
        .judge_cluster = judge_cluster_signal,
    },
    Check{
        .id = "pullcache-openshift-mirrors",
        .title = "Mirror sets do not cover tag pulls",
        .scope = Scope::registry,
        .severity = Severity::high,
        .needs =
            "imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io, imagecontentsourcepolicies.operator.openshift.io, "
            "machineconfigpools.machineconfiguration.openshift.io, pods",
        .grants = "OX,PO",
        .fields = k_openshift_fields,
        .parameters = k_registry_parameters,
        .rationale = "Digest mirror sets leave pulls by tag to the upstream registry: most pods pull by tag.",
        .rule = "pass: a tag mirror set covers the registry, or a digest one and every image is pinned. warn: only a part, only the deprecated "
                "policy, or nodes "
                "are behind. fail: no set, or only digest sets while pods use tags. not_applicable: not OpenShift, or a registry out of use.",
        .remediation = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: docker}\n"
                       "spec: {imageTagMirrors: [{source: docker.io, mirrors: [mirror.example/docker]}]}",
        .limits = "Credentials for the mirror are in the global pull secret, which is not read.",
        .references = "https://docs.openshift.com/container-platform/latest/openshift_images/image-configuration.html",
        .run = run_openshift_mirrors,
    },
};

} // namespace

constinit const check::Control k_pull_cache{
    .id = "pull-cache",
    .title = "OCI pull-cache",
    .summary = "Nodes pull through a mirror of your own, without anyone changing an image name.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

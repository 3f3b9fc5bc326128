// SPDX-License-Identifier: Apache-2.0
#include "cache_signals.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "attestations.hpp"
#include "mirror_sets.hpp"
#include "names.hpp"
#include "node_mirrors.hpp"
#include "node_reports.hpp"
#include "seaworthy/check/check.hpp"
#include "software.hpp"
#include "template_parts.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::not_applicable;
using check::pass;
using check::Reason;
using check::unknown;
using check::Verdict;
using check::warn;

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

void add_mirror_sets(const Context& context, Signals& signals)
{
    for (const auto& set : context.inventory.documents_of(k_tag_sets))
        for (const auto& entry : set.at("spec.imageTagMirrors").items())
            signals.wired.emplace(entry["source"].text());
    if (!context.inventory.documents_of(k_digest_sets).empty()) signals.doubtful.add("ImageDigestMirrorSets cover pulls by digest only");
}

} // namespace

Verdict judge_cluster_signal(const Context& context)
{
    // How many nodes report is not to be seen without the nodes.
    if (const auto* gap = context.gap("nodes"); gap != nullptr && has_node_reports(context)) return context.unknown_for(*gap);
    if (report_coverage(context).value_or(0) >= k_decisive_coverage) return not_applicable("Reports of the node-probe prove more").proven();
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
    auto verdict =
        unknown(Reason::unobservable, "Nothing in the API shows a pull-through cache; the node-probe would").needs_grant("NPR").with("level", "none");
    return or_attested(std::move(verdict), context, "pullCache", "Nodes pull through a cache", {"WL", "nodes"});
}

} // namespace seaworthy::controls

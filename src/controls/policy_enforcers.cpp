// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_enforcers.hpp"
#include "controls/config_maps.hpp"
#include "controls/kubernetes_version.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Workload;

constexpr std::string_view k_openshift_networks = "networks.config.openshift.io";
constexpr std::string_view k_tigera_installations = "installations.operator.tigera.io";
constexpr double k_enough_nodes = 0.95;

constexpr std::array k_enforcers{
    Software{"Calico", "calico/node, mirrored-calico-node, mirrored-calico-calico-node, hardened-calico"},
    Software{"Cilium", "cilium/cilium, mirrored-cilium-cilium"},
    Software{"Antrea", "antrea/antrea-agent-ubuntu, antrea/antrea-agent-ubi, antrea/antrea-ubuntu, antrea/antrea-ubi"},
    Software{"Weave", "weaveworks/weave-npc"},
    Software{"kube-router", "cloudnativelabs/kube-router"},
    Software{"OVN-Kubernetes", "ovn-kubernetes, ovn-kubernetes-microshift-rhel9, ovn-kube-ubuntu"},
    Software{"Kube-OVN", "kubeovn/kube-ovn"},
    Software{"Azure Network Policy Manager", "azure-npm"},
    Software{"NSX", "nsx-ncp-ubuntu, nsx-ncp-ubi"},
    Software{"kube-network-policies", "networking/kube-network-policies"},
    Software{"kindnet", "kindest/kindnetd"},
    Software{"Amazon VPC CNI's node agent", "amazon/aws-network-policy-agent, aws-network-policy-agent"},
};
constexpr std::array k_others{
    Software{
        "flannel",
        "flannel/flannel, flannel-io/flannel, coreos/flannel, mirrored-flannelcni-flannel, mirrored-flannel-io-flannel, mirrored-coreos-flannel, "
        "hardened-flannel"},
    Software{"Amazon VPC CNI", "amazon-k8s-cni"},
};

enum class State { on, off, unclear };

struct Enforcer {
    std::string name;
    State state = State::on;
    std::string why;
    double ready_nodes = 0;
};

bool has_argument(const Workload& workload, std::string_view argument)
{
    bool found = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& list : {container.command, container.args})
            found = found || std::ranges::any_of(list, [&](const Text& text) { return text == argument; });
    });
    return found;
}

/// kindnet enforces since kind 0.24, which brought Kubernetes 1.31.
bool has_old_kubelet(const Context& context)
{
    return std::ranges::any_of(context.inventory.nodes, [](const model::Node& node) { return minor_version(node.kubelet_version).value_or(0) < 31; });
}

void look_closer(Enforcer& enforcer, const Workload& workload, const Context& context)
{
    const auto off = [&](std::string_view why) {
        enforcer.state = State::off;
        enforcer.why = why;
    };
    if (enforcer.name == "kube-router" && has_argument(workload, "--run-firewall=false")) off("--run-firewall=false");
    if (enforcer.name == "Kube-OVN" && has_argument(workload, "--enable-np=false")) off("--enable-np=false");
    if (enforcer.name == "Amazon VPC CNI's node agent" && !has_argument(workload, "--enable-network-policy=true"))
        off("its node agent lacks --enable-network-policy=true");
    if (enforcer.name == "kindnet" && has_old_kubelet(context)) {
        enforcer.state = State::unclear;
        enforcer.why = "it enforces since kind 0.24 (Kubernetes 1.31)";
    }
    if (enforcer.name == "Cilium")
        if (const auto* config = find_config_map(context, workload.ns, "cilium-config");
            config != nullptr && (*config)["data"]["enable-policy"].text() == "never")
            off("enable-policy is never");
}

double ready_nodes(const Workload& workload)
{
    double ready = 0;
    for (const auto* controller : workload.controllers)
        if (controller->kind == model::WorkloadKind::daemon_set) ready += controller->ready_replicas;
    return ready;
}

std::vector<Enforcer> find_enforcers(const Context& context)
{
    std::vector<Enforcer> enforcers;
    for (const auto& installation : find_software(context, k_enforcers)) {
        const auto& workload = *installation.workload;
        const bool controller = installation.software->name == "Kube-OVN" && workload.kind == "Deployment";
        if (workload.kind != "DaemonSet" && !controller) continue;
        Enforcer enforcer{.name = std::string{installation.software->name}, .ready_nodes = ready_nodes(workload)};
        look_closer(enforcer, workload, context);
        // Only the controller of Kube-OVN says whether policies are on; its agents are counted.
        if (controller && enforcer.state == State::on) continue;
        enforcers.push_back(std::move(enforcer));
    }
    return enforcers;
}

/// k3s enforces inside its own process; there is no pod to see.
std::optional<Verdict> judge_k3s(const Context& context)
{
    const auto& nodes = context.inventory.nodes;
    const auto is_k3s = [](const model::Node& node) { return node.kubelet_version.view().find("+k3s") != std::string_view::npos; };
    if (nodes.empty() || !std::ranges::all_of(nodes, is_k3s)) return std::nullopt;
    std::set<std::string> without;
    for (const auto& node : nodes)
        if (node.meta.annotations.get("k3s.io/node-args").find("\"--disable-network-policy\"") != std::string_view::npos)
            without.insert(node.meta.name.str());
    if (!without.empty())
        return check::fail(fmt::format("k3s on {} runs with --disable-network-policy", *without.begin())).with("node", *without.begin());
    return resting_on(check::pass("k3s enforces network policies inside its own process"), context, "*", {"nodes", "daemonsets.apps"});
}

std::optional<Verdict> judge_openshift(const Context& context)
{
    if (!context.inventory.serves(k_openshift_networks)) return std::nullopt;
    if (const auto* gap = context.gap(k_openshift_networks)) return context.unknown_for(*gap);
    for (const auto& network : context.inventory.documents_of(k_openshift_networks)) {
        if (network.meta.name != "cluster") continue;
        const auto type = network.at("status.networkType").text();
        if (type == "OVNKubernetes" || type == "OpenShiftSDN") return check::pass(fmt::format("{} enforces network policies", type)).proven();
    }
    return std::nullopt;
}

/// EKS Auto Mode: the agent is part of the node's image.
std::optional<Verdict> judge_auto_mode(const Context& context)
{
    const auto is_auto = [](const model::Node& node) { return node.meta.labels.is("eks.amazonaws.com/compute-type", "auto"); };
    if (std::ranges::none_of(context.inventory.nodes, is_auto)) return std::nullopt;
    if (const auto* gap = context.gap("configmaps", "kube-system")) return context.unknown_for(*gap);
    const auto* config = find_config_map(context, "kube-system", "amazon-vpc-cni");
    if (config != nullptr && (*config)["data"]["enable-network-policy-controller"].text() == "true")
        return resting_on(check::pass("EKS Auto Mode enforces network policies"), context, "*", {"nodes"});
    if (config == nullptr && !context.settings.grants.contains("CM"))
        return check::unknown(Reason::unobservable, "ConfigMap kube-system/amazon-vpc-cni decides, and reading it needs the optional grant CM")
            .needs_grant("CM");
    return check::fail("EKS Auto Mode enforces network policies only with enable-network-policy-controller in ConfigMap kube-system/amazon-vpc-cni");
}

bool has_policies(const Context& context)
{
    if (!context.inventory.network_policies.empty()) return true;
    const auto lists = check::expand_needs("NP+CN");
    return std::ranges::any_of(lists,
                               [&](std::string_view list) { return !list.starts_with("tiers.") && !context.inventory.documents_of(list).empty(); });
}

Verdict not_enforced(const Context& context, std::string_view why)
{
    auto verdict = check::fail(fmt::format("{}: the API server accepts network policies, and nothing enforces them", why)).by_absence();
    if (!has_policies(context)) return verdict;
    return std::move(verdict).at(check::Severity::critical);
}

Verdict judge_coverage(const Enforcer& enforcer, const Context& context)
{
    const auto& nodes = context.inventory.nodes;
    const auto windows =
        static_cast<std::size_t>(std::ranges::count_if(nodes, [](const model::Node& node) { return node.operating_system == "windows"; }));
    const auto all = static_cast<double>(nodes.size());
    const auto told = [&](Verdict verdict) {
        return std::move(verdict).with("enforcer", enforcer.name).with("readyNodes", enforcer.ready_nodes).with("nodes", all);
    };
    if (const auto* gap = first_gap(context, "*", {"nodes"})) return context.unknown_for(*gap);
    if (nodes.empty()) return check::unknown(Reason::unobservable, "No node is visible");
    if (windows > 0) return told(check::warn(fmt::format("{} does not cover {} nodes with Windows", enforcer.name, windows)));
    if (enforcer.ready_nodes < k_enough_nodes * all)
        return told(check::warn(fmt::format("{} is ready on {:.0f} of {:.0f} nodes", enforcer.name, enforcer.ready_nodes, all)));
    if (enforcer.name == "Cilium")
        if (const auto* gap = context.gap("configmaps", "kube-system")) return context.unknown_for(*gap);
    return told(check::pass(fmt::format("{} enforces network policies", enforcer.name))).proven();
}

} // namespace

Verdict judge_policy_enforcement(const Context& context)
{
    if (auto verdict = unobservable_in_manifests(context, "an enforcer of network policies")) return std::move(*verdict);
    if (auto verdict = judge_openshift(context)) return std::move(*verdict);
    const auto enforcers = find_enforcers(context);
    const Enforcer* best = nullptr;
    const Enforcer* unclear = nullptr;
    for (const auto& enforcer : enforcers) {
        if (enforcer.state == State::off) return not_enforced(context, fmt::format("{} does not enforce ({})", enforcer.name, enforcer.why));
        if (enforcer.state == State::unclear)
            unclear = &enforcer;
        else if (best == nullptr || enforcer.ready_nodes > best->ready_nodes)
            best = &enforcer;
    }
    if (best != nullptr) return judge_coverage(*best, context);
    if (unclear != nullptr)
        return check::unknown(Reason::unobservable, fmt::format("Whether {} enforces is not visible: {}", unclear->name, unclear->why));
    if (auto verdict = judge_k3s(context)) return std::move(*verdict);
    if (auto verdict = judge_auto_mode(context)) return std::move(*verdict);
    for (const auto& installation : find_software(context, k_others))
        if (installation.workload->kind == "DaemonSet")
            return not_enforced(context, fmt::format("{} alone gives pods addresses", installation.software->name));
    const auto& platform = context.inventory.cluster.platform;
    if (platform == "aks" || platform == "gke")
        return not_enforced(context, fmt::format("No enforcer runs on this {} cluster", platform == "aks" ? "AKS" : "GKE"));
    if (const auto* gap = first_gap(context, "*", {"WL", "nodes", k_tigera_installations})) return context.unknown_for(*gap);
    if (!context.inventory.documents_of(k_tigera_installations).empty())
        return check::unknown(Reason::unobservable, "Tigera's operator is to install Calico, and no Calico is to be seen");
    return check::unknown(Reason::unobservable, "No network plugin is recognised: it may run as a service of the nodes");
}

Verdict presume_enforcement(const Context& context)
{
    if (context.inventory.cluster.partial) return check::pass("Manifests do not show who enforces").proven();
    const auto enforcers = find_enforcers(context);
    const auto verdict = judge_policy_enforcement(context);
    const bool fails = verdict.status == check::Status::fail;
    // Where an enforcer is seen to run, no hidden list makes it none.
    const bool runs = std::ranges::any_of(enforcers, [](const Enforcer& enforcer) { return enforcer.state == State::on; });
    if (fails || (verdict.status == check::Status::unknown && !runs)) {
        const auto* gap = first_gap(context, "*", {"WL", "nodes", k_openshift_networks, k_tigera_installations});
        if (gap == nullptr) gap = context.gap("configmaps", "kube-system");
        if (gap != nullptr && model::is_missing(gap->reason)) return context.unknown_for(*gap);
    }
    if (!fails) return check::pass("Nothing speaks against it").proven();
    return check::warn(verdict.message).with("word", std::string{"policy-not-enforced"});
}

} // namespace seaworthy::controls

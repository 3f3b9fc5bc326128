// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/check.hpp"

#include <array>

namespace seaworthy::check {
namespace {

constexpr std::array<std::string_view, 11> k_scopes{"workload", "cluster",        "namespace", "object",          "role_binding", "registry",
                                                    "service",  "network_policy", "node",      "service_account", "config_map"};

constexpr std::string_view k_workload_kinds = "deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,jobs.batch,cronjobs.batch";
constexpr std::string_view k_policy_kinds =
    "networkpolicies.networking.k8s.io,clusternetworkpolicies.policy.networking.k8s.io,adminnetworkpolicies.policy.networking.k8s.io,"
    "baselineadminnetworkpolicies.policy.networking.k8s.io,ciliumnetworkpolicies.cilium.io,ciliumclusterwidenetworkpolicies.cilium.io,"
    "networkpolicies.projectcalico.org,globalnetworkpolicies.projectcalico.org,tiers.projectcalico.org,networkpolicies.crd.projectcalico.org,"
    "globalnetworkpolicies.crd.projectcalico.org,tiers.crd.projectcalico.org,networkpolicies.crd.antrea.io,clusternetworkpolicies.crd.antrea.io,"
    "tiers.crd.antrea.io,egressfirewalls.k8s.ovn.org";
constexpr std::string_view k_rbac_kinds = "roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io,"
                                          "clusterroles.rbac.authorization.k8s.io,clusterrolebindings.rbac.authorization.k8s.io";

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \n\t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \n\t") - first + 1);
}

} // namespace

std::string_view name(Scope scope)
{
    return k_scopes[static_cast<std::size_t>(scope)];
}

std::vector<std::string_view> split_list(std::string_view text)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto part = trim(text.substr(0, comma)); !part.empty()) parts.push_back(part);
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return parts;
}

std::vector<std::string> expand_needs(std::string_view needs)
{
    std::vector<std::string> resources;
    for (const auto need : split_list(needs)) {
        if (need == "WL" || need == "RB" || need == "NP+CN") {
            for (const auto kind : split_list(need == "WL" ? k_workload_kinds : need == "RB" ? k_rbac_kinds : k_policy_kinds))
                resources.emplace_back(kind);
        } else {
            resources.emplace_back(need);
        }
    }
    return resources;
}

} // namespace seaworthy::check

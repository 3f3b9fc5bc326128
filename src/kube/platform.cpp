// SPDX-License-Identifier: Apache-2.0
#include "kube/platform.hpp"

#include <algorithm>

namespace seaworthy::kube {

namespace {

struct Sign {
    enum class Where { version, provider_id, node_label, node_label_prefix, api_group };
    Where where;
    std::string_view text; ///< a part of the version, or a prefix of the rest
    std::string_view platform;
};

/// The surest signs first: a distribution names itself in its version, a cloud's id only says whose machines these are.
constexpr Sign k_signs[] = {
    {Sign::Where::api_group, "config.openshift.io", "openshift"},
    {Sign::Where::node_label, "node.openshift.io/os_id", "openshift"},
    {Sign::Where::version, "+rke2", "rke2"},
    {Sign::Where::version, "+k3s", "k3s"},
    {Sign::Where::version, "-eks-", "eks"},
    {Sign::Where::version, "-gke.", "gke"},
    {Sign::Where::node_label_prefix, "eks.amazonaws.com/", "eks"},
    {Sign::Where::node_label, "cloud.google.com/gke-nodepool", "gke"},
    {Sign::Where::node_label, "kubernetes.azure.com/cluster", "aks"},
    {Sign::Where::provider_id, "k3s://", "k3s"},
    {Sign::Where::provider_id, "kind://", "kind"},
};

bool seen(const Sign& sign, const model::Inventory& inventory)
{
    const auto any_node = [&](auto&& test) { return std::any_of(inventory.nodes.begin(), inventory.nodes.end(), test); };
    switch (sign.where) {
    case Sign::Where::version: return inventory.cluster.version.find(sign.text) != std::string::npos;
    case Sign::Where::api_group: return inventory.serves_group(sign.text);
    case Sign::Where::provider_id:
        return any_node([&](const model::Node& node) { return node.provider_id.view().substr(0, sign.text.size()) == sign.text; });
    case Sign::Where::node_label: return any_node([&](const model::Node& node) { return node.meta.labels.has(sign.text); });
    case Sign::Where::node_label_prefix:
        return any_node([&](const model::Node& node) {
            return std::any_of(node.meta.labels.begin(), node.meta.labels.end(),
                               [&](const model::KeyValue& label) { return label.key.view().substr(0, sign.text.size()) == sign.text; });
        });
    }
    return false;
}

} // namespace

std::string detect_platform(const model::Inventory& inventory)
{
    for (const Sign& sign : k_signs)
        if (seen(sign, inventory)) return std::string{sign.platform};
    return "unknown";
}

void complete_cluster_facts(model::Inventory& inventory)
{
    for (const auto& ns : inventory.namespaces)
        if (ns.meta.name == "kube-system") inventory.cluster.uid = ns.meta.uid.str();
    inventory.cluster.platform = detect_platform(inventory);
}

} // namespace seaworthy::kube

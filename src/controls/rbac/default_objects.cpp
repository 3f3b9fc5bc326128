// SPDX-License-Identifier: Apache-2.0
#include "controls/rbac/default_objects.hpp"

#include <algorithm>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;

constexpr std::string_view k_upstream[] = {"cluster-admin", "admin", "edit", "view", "system:*"};

struct PlatformName {
    std::string_view platform; ///< empty: any
    std::string_view glob;
};

constexpr PlatformName k_platform_names[] = {
    {"", "kubeadm:*"},
    {"eks", "eks:*"},
    {"gke", "gce:*"},
    {"gke", "gke-*"},
    {"aks", "aks-*"},
    {"openshift", "system:openshift:*"},
    {"openshift", "system:image-pullers"},
    {"openshift", "system:image-builders"},
    {"openshift", "system:deployers"},
    {"rancher", "cattle-*"},
    {"k3s", "local-path-*"},
    {"k3s", "system:k3s-controller"},
    {"k3s", "helm-kube-system-*"},
    {"rke2", "helm-kube-system-*"},
};

/// Rancher runs on top of another distribution and shows by its own API group.
bool is_platform(std::string_view platform, const Context& context)
{
    if (platform.empty()) return true;
    if (platform == "rancher") return context.inventory.serves_group("management.cattle.io");
    return context.inventory.cluster.platform == platform;
}

bool is_default_name(const model::ObjectMeta& meta, const Context& context)
{
    const bool upstream = std::ranges::any_of(k_upstream, [&](auto glob) { return glob_match(glob, meta.name); });
    if (upstream &&
        (meta.labels.is("kubernetes.io/bootstrapping", "rbac-defaults") || meta.annotations.has("rbac.authorization.kubernetes.io/autoupdate")))
        return true;
    return std::ranges::any_of(k_platform_names,
                               [&](const PlatformName& entry) { return glob_match(entry.glob, meta.name) && is_platform(entry.platform, context); });
}

} // namespace

bool is_default_binding(const model::RoleBinding& binding, const Context& context)
{
    return is_default_name(binding.meta, context);
}

bool is_default_role(const model::Role& role, const Context& context)
{
    return is_default_name(role.meta, context);
}

bool is_platform_identity(const model::Identity& identity, const Context& context)
{
    return identity.kind == model::Identity::Kind::service_account && identity.ns.starts_with("openshift-") && is_platform("openshift", context);
}

} // namespace seaworthy::controls

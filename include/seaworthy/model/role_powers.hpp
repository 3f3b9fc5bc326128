// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "seaworthy/model/objects.hpp"

namespace seaworthy::model {

/// How far a role's rules carry a power.
enum class Reach : std::uint8_t {
    none,
    named, ///< only for the objects in resourceNames
    all,
};

/// What a role lets its holder do, as far as it matters to security. A power over cluster-scoped objects has no effect through a
/// RoleBinding, save over the Namespace object of its own namespace.
enum class Power : std::uint8_t {
    everything,             ///< verbs, groups and resources `*`: what cluster-admin has
    read_secrets,           ///< get, list or watch
    escalate_roles,         ///< escalate on roles
    escalate_cluster_roles, ///< escalate on clusterroles: cluster-scoped
    bind_roles,             ///< bind on roles or clusterroles: in a namespace it works through a RoleBinding too
    impersonate_service_accounts,
    impersonate_identities,     ///< users, groups, uids, userextras, nodes: cluster-scoped
    write_workloads,            ///< create, update or patch pods or what makes pods from a template
    enter_pods,                 ///< create pods/exec, pods/attach, pods/portforward; update or patch pods/ephemeralcontainers
    get_exec,                   ///< get pods/exec, pods/attach, pods/portforward: enough for a WebSocket before 1.35
    proxy_nodes,                ///< get, create, update, patch or delete on nodes/proxy: cluster-scoped
    create_tokens,              ///< create serviceaccounts/token
    approve_requests,           ///< update or patch certificatesigningrequests/approval: cluster-scoped
    approve_client_signers,     ///< approve on the signers of API client certificates: cluster-scoped
    write_cluster_admission,    ///< webhook configurations, admission policies, cluster-wide engine policies: cluster-scoped
    write_namespaced_admission, ///< namespaced engine policies and exceptions
    create_persistent_volumes,  ///< cluster-scoped
    write_namespaces,           ///< patch or update of namespaces or their status, update of their finalizers
    write_system_config,        ///< update, patch or delete configmaps; by name only if one of them steers the cluster
    write_nodes,                ///< nodes (update, patch, delete) or nodes/status (update, patch): cluster-scoped
    write_anything,             ///< any write verb on any object, reviews of one's own rights left aside
    write_builtin,              ///< the same on the built-in groups
    read_anything,              ///< get, list or watch of any object
    count_,
};

/// The powers of one role, each with its reach. Aggregated ClusterRoles are judged by the rules that the controller filled in.
class RolePowers {
public:
    RolePowers() = default;
    explicit RolePowers(const Role& role);

    [[nodiscard]] Reach operator[](Power power) const { return m_reach[static_cast<std::size_t>(power)]; }
    [[nodiscard]] bool has(Power power) const { return (*this)[power] != Reach::none; }
    /// What the holder of both has.
    void add(const RolePowers& other);

private:
    void add_rule(const PolicyRule& rule);
    void add_general(const PolicyRule& rule, Reach reach);
    void raise(Power power, Reach reach);
    std::array<Reach, static_cast<std::size_t>(Power::count_)> m_reach{};
};

/// How far the role lets its holder use the verb on the resource, resourceNames being treated as the API server does: reads by name count
/// as none, `create` by name works beside update or patch of that name, deletecollection never. The name "" is that of a nameless request.
[[nodiscard]] Reach reach_of(const Role& role, std::string_view verb, std::string_view group, std::string_view resource,
                             std::string_view subresource = {});

/// create, update, patch, delete, deletecollection and `*`.
[[nodiscard]] bool has_write_verb(const PolicyRule& rule);
/// An API group that Kubernetes itself serves; the rest belong to custom resources and aggregated servers.
[[nodiscard]] bool is_builtin_group(std::string_view group);

} // namespace seaworthy::model

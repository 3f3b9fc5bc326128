// SPDX-License-Identifier: Apache-2.0
// The other built-in kinds that are populous or that several controls read. Rarer kinds are Documents.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "seaworthy/model/object_meta.hpp"
#include "seaworthy/model/selector.hpp"

namespace seaworthy::model {

struct Namespace {
    ObjectMeta meta;
    Text phase; ///< "Active", "Terminating"; empty in manifests
    Array<Condition> conditions;
    [[nodiscard]] bool terminating() const { return meta.deleted.known() || phase == "Terminating"; }
};

struct Taint {
    Text key;
    Text value;
    Text effect;
};

struct NodeImage {
    Array<Text> names;
    std::int64_t size_bytes = 0;
};

struct Node {
    ObjectMeta meta;
    Text provider_id;
    Text kubelet_version;
    Text container_runtime; ///< containerRuntimeVersion, "containerd://2.1.4"
    Text os_image;
    Text operating_system;
    Text architecture;
    Array<Taint> taints;
    Array<Condition> conditions;
    Array<NodeImage> images; ///< status.images, by default the 50 largest
    bool unschedulable = false;
    [[nodiscard]] bool ready() const;
};

struct ServicePort {
    Text name;
    Text protocol;
    Text target_port; ///< number or name, as written
    Text app_protocol;
    std::int32_t port = 0;
    std::int32_t node_port = 0;
};

struct Service {
    ObjectMeta meta;
    Text type; ///< empty = ClusterIP
    Text cluster_ip;
    Text external_name;
    StringMap selector;
    Array<ServicePort> ports;
    Array<Text> external_ips;
    Array<Text> load_balancer_source_ranges;
    Array<Text> load_balancer_ingress; ///< status: IPs and host names
    bool publish_not_ready_addresses = false;
};

struct Endpoint {
    Text target_kind; ///< targetRef
    Text target_name;
    Text node_name;
    Text zone;
    std::uint32_t addresses = 0;
    Text first_address;
    bool ready = true; ///< absent conditions.ready counts as true
};

struct EndpointSlice {
    ObjectMeta meta;
    Text service_name; ///< label kubernetes.io/service-name
    Text address_type;
    Array<Endpoint> endpoints;
    std::uint32_t ports = 0;
};

struct NetworkPolicyPeer {
    LabelSelector pod_selector;
    LabelSelector namespace_selector;
    Text cidr; ///< of ipBlock
    Array<Text> except;
};

struct NetworkPolicyPort {
    Text protocol;
    Text port; ///< number or name; empty = all
    std::int32_t end_port = 0;
};

/// One ingress or egress rule. No peers: from or to everywhere; no ports: all of them.
struct NetworkPolicyRule {
    Array<NetworkPolicyPeer> peers;
    Array<NetworkPolicyPort> ports;
    [[nodiscard]] bool allows_all() const { return peers.empty() && ports.empty(); }
};

struct NetworkPolicy {
    ObjectMeta meta;
    LabelSelector pod_selector;
    Array<NetworkPolicyRule> ingress;
    Array<NetworkPolicyRule> egress;
    bool affects_ingress = false; ///< policyTypes with the API's default applied
    bool affects_egress = false;
};

struct ServiceAccount {
    ObjectMeta meta;
    Array<Text> image_pull_secrets;
    Array<Text> secrets;
    std::optional<bool> automount_service_account_token;
};

struct PolicyRule {
    Array<Text> verbs;
    Array<Text> api_groups;
    Array<Text> resources;
    Array<Text> resource_names;
    Array<Text> non_resource_urls;
};

/// Role (meta.ns set) or ClusterRole.
struct Role {
    ObjectMeta meta;
    Array<PolicyRule> rules;
    Array<LabelSelector> aggregation; ///< aggregationRule.clusterRoleSelectors
    [[nodiscard]] bool is_cluster_role() const { return meta.ns.empty(); }
};

struct Subject {
    enum class Kind { user, group, service_account, other };
    Kind kind = Kind::other;
    Text name;
    Text ns; ///< of a ServiceAccount
};

/// RoleBinding (meta.ns set) or ClusterRoleBinding.
struct RoleBinding {
    ObjectMeta meta;
    Text role_kind; ///< "Role" or "ClusterRole"
    Text role_name;
    Array<Subject> subjects;
    [[nodiscard]] bool is_cluster_binding() const { return meta.ns.empty(); }
};

/// core/v1 or events.k8s.io/v1 Event.
struct Event {
    ObjectMeta meta;
    Text involved_kind;
    Text involved_name;
    Text involved_ns;
    Text involved_uid;
    Text type; ///< "Normal", "Warning"
    Text reason;
    Text message;        ///< at most 1 KiB
    Timestamp last_seen; ///< series.lastObservedTime, else lastTimestamp, else eventTime, else creation (C13)
    std::int32_t count = 1;
};

/// A row of a Secret list as Table: never a value.
struct SecretRow {
    Text ns;
    Text name;
    Text type;
    std::int32_t keys = 0;
    Timestamp created;
    StringMap labels; ///< only the labels that a list by selector proved
};

} // namespace seaworthy::model

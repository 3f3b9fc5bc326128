// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::model {

struct EnvVar {
    enum class Source : std::uint8_t { literal, secret, config_map, field, resource, file };
    Text name;
    Text value;    ///< of a literal, at most 4 KiB
    Text ref_name; ///< Secret or ConfigMap
    Text ref_key;
    Source source = Source::literal;
    bool optional = false;
};

struct EnvFrom {
    enum class Source : std::uint8_t { secret, config_map };
    Source source = Source::secret;
    Text name;
    Text prefix;
    bool optional = false;
};

struct VolumeMount {
    Text name;
    Text mount_path;
    Text sub_path;
    Text sub_path_expr;
    bool read_only = false;
};

struct ContainerPort {
    Text name;
    Text protocol; ///< empty = TCP
    std::int32_t container_port = 0;
    std::int32_t host_port = 0;
};

struct Probe {
    enum class Handler : std::uint8_t { none, exec, http_get, tcp_socket, grpc };
    Handler handler = Handler::none; ///< none: no probe
    Text path;                       ///< of httpGet
    Text port;                       ///< number or name, as written
    Array<Text> command;             ///< of exec
    std::int32_t initial_delay_seconds = 0;
    std::int32_t period_seconds = 10;
    std::int32_t timeout_seconds = 1;
    std::int32_t failure_threshold = 3;
    [[nodiscard]] bool present() const { return handler != Handler::none; }
    /// All but the delays: two probes that do the same thing.
    [[nodiscard]] bool same_handler(const Probe& other) const;
};

/// SecurityContext of a container, or PodSecurityContext (which lacks some fields).
struct SecurityContext {
    std::optional<bool> privileged;
    std::optional<bool> allow_privilege_escalation;
    std::optional<bool> run_as_non_root;
    std::optional<bool> read_only_root_filesystem;
    std::optional<std::int64_t> run_as_user;
    std::optional<std::int64_t> run_as_group;
    std::optional<std::int64_t> fs_group;
    Array<Text> capabilities_add;
    Array<Text> capabilities_drop;
    Text seccomp_type;
};

struct Container {
    enum class Kind : std::uint8_t { main, init, sidecar, ephemeral }; ///< sidecar: an init container with restartPolicy Always
    Kind kind = Kind::main;
    bool has_pre_stop = false;
    Text name;
    Text image;
    Text image_pull_policy; ///< as written; empty where the API server has not defaulted it
    Array<Text> command;
    Array<Text> args;
    Array<EnvVar> env;
    Array<EnvFrom> env_from;
    Array<VolumeMount> mounts;
    Array<ContainerPort> ports;
    StringMap requests; ///< quantities as written
    StringMap limits;
    LinkOrDefault<SecurityContext> security;
    LinkOrDefault<Probe> readiness;
    LinkOrDefault<Probe> liveness;
    LinkOrDefault<Probe> startup;
};

/// One source of a projected volume.
struct ProjectedSource {
    enum class Kind : std::uint8_t { secret, config_map, service_account_token, downward_api, cluster_trust_bundle, other };
    Kind kind = Kind::other;
    Text name;     ///< Secret or ConfigMap
    Text audience; ///< of a service account token
    bool optional = false;
};

struct Volume {
    enum class Kind : std::uint8_t {
        secret,
        config_map,
        projected,
        host_path,
        empty_dir,
        persistent_volume_claim,
        csi,
        ephemeral,
        downward_api,
        image,
        other
    };
    Kind kind = Kind::other;
    Text name;
    Text source; ///< Secret, ConfigMap or claim name, hostPath path, CSI driver, or the type's own name for `other`
    Text type;   ///< hostPath type
    bool optional = false;
    bool read_only = false;                   ///< of csi
    std::optional<std::int32_t> default_mode; ///< decimal, as in JSON
    Array<std::int32_t> item_modes;
    Array<ProjectedSource> sources;
    StringMap attributes; ///< CSI volumeAttributes
};

struct Toleration {
    Text key;
    Text op;
    Text value;
    Text effect;
};

/// corev1.PodSpec, what checks read of it. Stored once for equal content, without nodeName and without the random name of
/// the `kube-api-access-*` volume, so one spec stands for all pods of a template.
struct PodSpec {
    Array<Container> containers; ///< main, then init and sidecar, then ephemeral ones
    Array<Volume> volumes;
    Array<Text> image_pull_secrets;
    Array<Toleration> tolerations;
    Array<Text> readiness_gates;
    Array<Text> topology_spread_keys;   ///< topologyKey of each constraint
    Array<Text> pod_anti_affinity_keys; ///< topologyKey of each term, required and preferred
    Array<Text> selector_keys;          ///< label keys that affinity terms and topology spread constraints select pods by
    StringMap node_selector;
    Text service_account; ///< empty: the admission controller has not filled it in; means `default`
    Text restart_policy;
    Text dns_policy; ///< empty where the API server has not defaulted it
    Text priority_class;
    Text runtime_class;
    Text scheduler;
    std::optional<bool> automount_service_account_token;
    std::optional<std::int64_t> termination_grace_period_seconds;
    LinkOrDefault<SecurityContext> security;
    bool host_network = false;
    bool host_pid = false;
    bool host_ipc = false;
    bool has_node_affinity = false;
};

/// corev1.PodTemplateSpec.
struct PodTemplate {
    StringMap labels;
    StringMap annotations;
    Link<PodSpec> spec; ///< never nullptr in a template that was read
};

} // namespace seaworthy::model

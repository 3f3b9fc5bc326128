// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::model {

struct EnvVar {
    enum class Source { literal, secret, config_map, field, resource, file };
    Text name;
    Text value; ///< of a literal, at most 4 KiB
    Source source = Source::literal;
    Text ref_name; ///< Secret or ConfigMap
    Text ref_key;
    bool optional = false;
};

struct EnvFrom {
    enum class Source { secret, config_map };
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
    enum class Handler { none, exec, http_get, tcp_socket, grpc };
    Handler handler = Handler::none; ///< none: no probe
    Text path;                       ///< of httpGet
    Text port;                       ///< number or name, as written
    std::span<const Text> command;   ///< of exec
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
    std::span<const Text> capabilities_add;
    std::span<const Text> capabilities_drop;
    Text seccomp_type;
};

struct Container {
    enum class Kind { main, init, sidecar, ephemeral }; ///< sidecar: an init container with restartPolicy Always
    Kind kind = Kind::main;
    Text name;
    Text image;
    Text image_pull_policy; ///< as written; empty where the API server has not defaulted it
    std::span<const Text> command;
    std::span<const Text> args;
    std::span<const EnvVar> env;
    std::span<const EnvFrom> env_from;
    std::span<const VolumeMount> mounts;
    std::span<const ContainerPort> ports;
    StringMap requests; ///< quantities as written
    StringMap limits;
    SecurityContext security;
    Probe readiness;
    Probe liveness;
    Probe startup;
    bool has_pre_stop = false;
};

/// One source of a projected volume.
struct ProjectedSource {
    enum class Kind { secret, config_map, service_account_token, downward_api, cluster_trust_bundle, other };
    Kind kind = Kind::other;
    Text name;     ///< Secret or ConfigMap
    Text audience; ///< of a service account token
    bool optional = false;
};

struct Volume {
    enum class Kind { secret, config_map, projected, host_path, empty_dir, persistent_volume_claim, csi, ephemeral, downward_api, image, other };
    Kind kind = Kind::other;
    Text name;
    Text source; ///< Secret, ConfigMap or claim name, hostPath path, CSI driver, or the type's own name for `other`
    Text type;   ///< hostPath type
    bool optional = false;
    std::optional<std::int32_t> default_mode; ///< decimal, as in JSON
    std::span<const std::int32_t> item_modes;
    std::span<const ProjectedSource> sources;
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
    std::span<const Container> containers; ///< main, then init and sidecar, then ephemeral ones
    std::span<const Volume> volumes;
    std::span<const Text> image_pull_secrets;
    std::span<const Toleration> tolerations;
    std::span<const Text> readiness_gates;
    std::span<const Text> topology_spread_keys;   ///< topologyKey of each constraint
    std::span<const Text> pod_anti_affinity_keys; ///< topologyKey of each term, required and preferred
    StringMap node_selector;
    Text service_account; ///< empty: the admission controller has not filled it in; means `default`
    Text restart_policy;
    Text priority_class;
    Text runtime_class;
    Text scheduler;
    std::optional<bool> automount_service_account_token;
    std::optional<std::int64_t> termination_grace_period_seconds;
    SecurityContext security;
    bool host_network = false;
    bool host_pid = false;
    bool host_ipc = false;
    bool has_node_affinity = false;
};

/// corev1.PodTemplateSpec.
struct PodTemplate {
    StringMap labels;
    StringMap annotations;
    const PodSpec* spec = nullptr; ///< never nullptr in a template that was read
};

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "seaworthy/model/pod_spec.hpp"
#include "seaworthy/model/selector.hpp"

namespace seaworthy::model {

struct ContainerStatus {
    Text name;
    Text image;    ///< as the runtime reports it
    Text image_id; ///< with the digest
    Text waiting_reason;
    Text waiting_message; ///< at most 512 bytes
    Text terminated_reason;
    std::int32_t restart_count = 0;
    bool ready = false;
    bool init = false;
};

/// What the pods of one template have in common: stored once, so that a pod is small.
struct PodShape {
    Text ns;
    StringMap labels;
    StringMap annotations;
    Link<OwnerReference> controller; ///< nullptr: no controlling owner
    Link<PodSpec> spec;
    Array<ContainerStatus> container_statuses;
    Array<Condition> conditions; ///< only those that are not "True"
    Timestamp deleted;
    std::int64_t generation = 0;

    friend bool operator==(const PodShape& a, const PodShape& b);
};

/// 40 bytes, since a cluster has a hundred thousand.
struct Pod {
    enum class Phase : std::uint8_t { unknown, pending, running, succeeded, failed };
    Timestamp created;
    Timestamp started;
    Link<PodShape> shape; ///< never nullptr
    Text name;
    Text uid; ///< of a pod that nothing controls, or a mirror pod
    Text node_name;
    std::uint32_t ipv4 = 0; ///< status.podIP in host order; 0: none, or an IPv6 address
    Phase phase = Phase::unknown;
    bool ready = false;
    bool has_status = false; ///< false in manifests

    [[nodiscard]] Text ns() const { return shape->ns; }
    [[nodiscard]] const StringMap& labels() const { return shape->labels; }
    [[nodiscard]] const StringMap& annotations() const { return shape->annotations; }
    [[nodiscard]] const OwnerReference* controller() const { return shape->controller; }
    [[nodiscard]] Timestamp deleted() const { return shape->deleted; }
    [[nodiscard]] const PodSpec* spec() const { return shape->spec; }
    [[nodiscard]] const Array<ContainerStatus>& container_statuses() const { return shape->container_statuses; }
    [[nodiscard]] const Array<Condition>& conditions() const { return shape->conditions; }
    /// Its metadata, put together.
    [[nodiscard]] ObjectMeta meta() const;

    /// C3: created by a kubelet from a file.
    [[nodiscard]] bool is_mirror() const;
    /// C4: Pending or Running and not being deleted. A pod without status (in manifests) is active.
    [[nodiscard]] bool is_active() const;
};

enum class WorkloadKind : std::uint8_t { deployment, stateful_set, daemon_set, replica_set, replication_controller, job, cron_job };
[[nodiscard]] std::string_view kind_name(WorkloadKind kind);        ///< "Deployment"
[[nodiscard]] std::string_view kind_api_version(WorkloadKind kind); ///< "apps/v1"

/// An entry of metadata.managedFields: who wrote the object, without what they wrote.
struct ManagedFieldsEntry {
    Text manager;     ///< "kubectl-edit", "helm"
    Text operation;   ///< "Update", "Apply"
    Text subresource; ///< "status", "scale"; empty for the object itself
    Timestamp time;
    bool owns_spec = false; ///< owns a field under spec other than the mark of `kubectl rollout restart`
};

/// A built-in object that makes pods from a template: one struct for all seven kinds.
struct WorkloadObject {
    WorkloadKind kind = WorkloadKind::deployment;
    ObjectMeta meta;
    PodTemplate pod_template; ///< of a ReplicaSet with a controller: no spec
    LabelSelector selector;
    std::optional<std::int32_t> replicas; ///< as written; nothing where the field is absent (defaults to 1) or the kind has none
    std::int32_t ready_replicas = 0;      ///< DaemonSet: numberReady
    std::int32_t available_replicas = 0;  ///< DaemonSet: numberAvailable
    std::int32_t updated_replicas = 0;
    std::int32_t desired_scheduled = 0; ///< DaemonSet: desiredNumberScheduled
    std::int64_t observed_generation = 0;
    Array<Condition> conditions;
    Array<ManagedFieldsEntry> managers; ///< none: managedFields were not sent
    Text strategy;                      ///< Deployment strategy.type, or updateStrategy.type
    Text max_unavailable;               ///< as written: number or percentage
    Text max_surge;
    std::optional<std::int32_t> revision_history_limit;
    std::optional<std::int32_t> progress_deadline_seconds;
    std::optional<std::int32_t> partition;
    std::optional<std::int32_t> min_ready_seconds;
    bool suspended = false; ///< Job, CronJob
    bool paused = false;    ///< Deployment
    bool finished = false;  ///< Job with condition Complete or Failed
    bool applied = false;   ///< kubectl's client-side apply left its copy in an annotation
    bool has_status = false;

    /// Pods that the template asks for now: `replicas` or its default, 0 where suspended or finished. For a CronJob 0.
    [[nodiscard]] std::int32_t wanted_pods() const;
};

} // namespace seaworthy::model

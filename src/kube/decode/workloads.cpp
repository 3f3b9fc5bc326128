// SPDX-License-Identifier: Apache-2.0
// The seven built-in kinds that make pods from a template: apps, batch, and the replication controller.
#include <algorithm>

#include "kube/decode/decode_context.hpp"
#include "kube/decode/identity.hpp"

namespace seaworthy::kube {

namespace {

using model::WorkloadKind;
using model::WorkloadObject;

/// True if the owner is one of the seven kinds in its own API group: then the object is a link in an owner chain (C1).
bool is_workload(const model::OwnerReference& owner)
{
    const std::string_view group = group_of_version(owner.api_version);
    const std::string_view kind = owner.kind;
    if (group == "apps") return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "ReplicaSet";
    if (group == "batch") return kind == "Job" || kind == "CronJob";
    return group.empty() && kind == "ReplicationController";
}

void strategy(DecodeContext& c, Value value, WorkloadObject& workload)
{
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "type") workload.strategy = c.intern(member);
        if (key != "rollingUpdate") return;
        c.json.object(member, [&](std::string_view name, Value part) {
            if (name == "maxUnavailable")
                workload.max_unavailable = c.scalar(part);
            else if (name == "maxSurge")
                workload.max_surge = c.scalar(part);
            else if (name == "partition")
                workload.partition = c.json.optional_int32(part);
        });
    });
}

void cron_job_template(DecodeContext& c, Value value, WorkloadObject& workload)
{
    c.json.object(value, [&](std::string_view key, Value spec) {
        if (key != "spec") return;
        c.json.object(spec, [&](std::string_view name, Value member) {
            if (name == "template") workload.pod_template = c.pod_template(member);
        });
    });
}

void workload_spec(DecodeContext& c, Value value, WorkloadObject& workload)
{
    const bool owned_replica_set = workload.kind == WorkloadKind::replica_set && workload.meta.controller != nullptr;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "template") {
            if (!owned_replica_set) workload.pod_template = c.pod_template(member);
        } else if (key == "jobTemplate")
            cron_job_template(c, member, workload);
        else if (key == "selector")
            workload.selector = workload.kind == WorkloadKind::replication_controller ? c.map_selector(member) : c.selector(member);
        else if (key == "replicas")
            workload.replicas = c.json.optional_int32(member);
        else if (key == "strategy" || key == "updateStrategy")
            strategy(c, member, workload);
        else if (key == "revisionHistoryLimit")
            workload.revision_history_limit = c.json.optional_int32(member);
        else if (key == "progressDeadlineSeconds")
            workload.progress_deadline_seconds = c.json.optional_int32(member);
        else if (key == "minReadySeconds")
            workload.min_ready_seconds = c.json.optional_int32(member);
        else if (key == "suspend")
            workload.suspended = c.json.flag(member);
        else if (key == "paused")
            workload.paused = c.json.flag(member);
    });
}

void workload_status(DecodeContext& c, Value value, WorkloadObject& workload)
{
    c.json.object(value, [&](std::string_view key, Value member) {
        workload.has_status = true;
        if (key == "readyReplicas" || key == "numberReady")
            workload.ready_replicas = c.json.int32(member);
        else if (key == "availableReplicas" || key == "numberAvailable")
            workload.available_replicas = c.json.int32(member);
        else if (key == "updatedReplicas" || key == "updatedNumberScheduled")
            workload.updated_replicas = c.json.int32(member);
        else if (key == "desiredNumberScheduled")
            workload.desired_scheduled = c.json.int32(member);
        else if (key == "observedGeneration")
            workload.observed_generation = c.json.integer(member);
        else if (key == "conditions")
            workload.conditions = c.conditions(member);
    });
    workload.finished =
        workload.kind == WorkloadKind::job && std::any_of(workload.conditions.begin(), workload.conditions.end(), [](const auto& condition) {
            return (condition.type == "Complete" || condition.type == "Failed") && condition.status == "True";
        });
}

void keep_workload(DecodeContext& c, WorkloadObject& workload)
{
    const bool chained = workload.kind == WorkloadKind::replica_set || workload.kind == WorkloadKind::job;
    if (chained && workload.meta.controller != nullptr && is_workload(*workload.meta.controller)) {
        if (!c.accept(workload.meta)) return;
        const std::int32_t replicas = workload.kind == WorkloadKind::replica_set ? workload.replicas.value_or(1) : 0;
        c.inventory.owned_controllers.push_back({workload.kind, workload.meta, replicas, workload.finished});
        return;
    }
    if (workload.kind == WorkloadKind::replica_set && workload.meta.controller != nullptr)
        workload.pod_template.spec = nullptr;
    else if (c.json.ok() && workload.pod_template.spec == nullptr)
        c.json.fail("the pod template's spec is missing");
    if (c.accept(workload.meta)) c.inventory.workloads.push_back(workload);
}

template <WorkloadKind kind>
void decode_workload(DecodeContext& c, Object& object)
{
    WorkloadObject workload;
    workload.kind = kind;
    c.wants_managers = true;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, workload.meta);
        else if (key == "spec")
            workload_spec(c, value, workload);
        else if (key == "status")
            workload_status(c, value, workload);
    });
    c.wants_managers = false;
    workload.managers = c.vault.keep(c.managers);
    workload.applied = c.applied;
    keep_workload(c, workload);
}

} // namespace

std::span<const KindDecoder> workload_decoders()
{
    static constexpr KindDecoder k_decoders[] = {
        {"deployments.apps", decode_workload<WorkloadKind::deployment>},
        {"statefulsets.apps", decode_workload<WorkloadKind::stateful_set>},
        {"daemonsets.apps", decode_workload<WorkloadKind::daemon_set>},
        {"replicasets.apps", decode_workload<WorkloadKind::replica_set>},
        {"replicationcontrollers", decode_workload<WorkloadKind::replication_controller>},
        {"jobs.batch", decode_workload<WorkloadKind::job>},
        {"cronjobs.batch", decode_workload<WorkloadKind::cron_job>},
    };
    return k_decoders;
}

} // namespace seaworthy::kube

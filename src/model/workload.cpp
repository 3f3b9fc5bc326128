// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/workload.hpp"

#include <array>

#include "seaworthy/model/objects.hpp"

namespace seaworthy::model {
namespace {

struct KindNames {
    std::string_view kind;
    std::string_view api_version;
};
constexpr std::array<KindNames, 7> k_kinds{{
    {"Deployment", "apps/v1"},
    {"StatefulSet", "apps/v1"},
    {"DaemonSet", "apps/v1"},
    {"ReplicaSet", "apps/v1"},
    {"ReplicationController", "v1"},
    {"Job", "batch/v1"},
    {"CronJob", "batch/v1"},
}};

} // namespace

std::string_view kind_name(WorkloadKind kind)
{
    return k_kinds[static_cast<std::size_t>(kind)].kind;
}
std::string_view kind_api_version(WorkloadKind kind)
{
    return k_kinds[static_cast<std::size_t>(kind)].api_version;
}

bool Probe::same_handler(const Probe& other) const
{
    return handler == other.handler && path == other.path && port == other.port &&
           std::equal(command.begin(), command.end(), other.command.begin(), other.command.end());
}

bool operator==(const PodShape& a, const PodShape& b)
{
    return a.ns == b.ns && a.labels == b.labels && a.annotations == b.annotations && a.controller == b.controller && a.spec == b.spec &&
           a.container_statuses.data() == b.container_statuses.data() && a.conditions.data() == b.conditions.data() && a.deleted == b.deleted &&
           a.generation == b.generation;
}

ObjectMeta Pod::meta() const
{
    return {.name = name,
            .ns = shape->ns,
            .uid = uid,
            .labels = shape->labels,
            .annotations = shape->annotations,
            .controller = shape->controller,
            .created = created,
            .deleted = shape->deleted,
            .generation = shape->generation};
}

bool Pod::is_mirror() const
{
    return annotations().has("kubernetes.io/config.mirror") || (controller() != nullptr && controller()->kind == "Node");
}

bool Pod::is_active() const
{
    if (deleted().known()) return false;
    return !has_status || phase == Phase::pending || phase == Phase::running;
}

std::int32_t WorkloadObject::wanted_pods() const
{
    if (kind == WorkloadKind::cron_job || suspended || finished || meta.deleted.known()) return 0;
    if (kind == WorkloadKind::daemon_set) return has_status ? desired_scheduled : 1;
    return replicas.value_or(1);
}

bool Node::ready() const
{
    const Condition* condition = find_condition(conditions, "Ready");
    return condition != nullptr && condition->status == "True";
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kube/decode/decode_context.hpp"
#include "seaworthy/base/ipv4.hpp"

namespace seaworthy::kube {

namespace {

using model::ContainerStatus;

constexpr std::size_t k_waiting_message_bytes = 512;

model::Pod::Phase parse_phase(std::string_view text)
{
    using Phase = model::Pod::Phase;
    if (text == "Pending") return Phase::pending;
    if (text == "Running") return Phase::running;
    if (text == "Succeeded") return Phase::succeeded;
    if (text == "Failed") return Phase::failed;
    return Phase::unknown;
}

ContainerStatus container_status(DecodeContext& c, Value value, bool init)
{
    ContainerStatus status;
    status.init = init;
    c.json.object(value, [&](std::string_view key, Value member) {
        if (key == "name")
            status.name = c.intern(member);
        else if (key == "image")
            status.image = c.intern(member);
        else if (key == "imageID")
            status.image_id = c.intern(member);
        else if (key == "restartCount")
            status.restart_count = c.json.int32(member);
        else if (key == "ready")
            status.ready = c.json.flag(member);
        else if (key == "state") {
            c.json.object(member, [&](std::string_view state, Value detail) {
                c.json.object(detail, [&](std::string_view name, Value part) {
                    if (name == "reason" && state == "waiting")
                        status.waiting_reason = c.intern(part);
                    else if (name == "message" && state == "waiting")
                        status.waiting_message = c.intern_cut(part, k_waiting_message_bytes);
                    else if (name == "reason" && state == "terminated")
                        status.terminated_reason = c.intern(part);
                });
            });
        }
    });
    return status;
}

void pod_status(DecodeContext& c, Value value, model::Pod& pod, model::PodShape& shape)
{
    std::vector<ContainerStatus> statuses;
    std::vector<model::Condition> conditions;
    c.json.object(value, [&](std::string_view key, Value member) {
        pod.has_status = true;
        if (key == "phase")
            pod.phase = parse_phase(c.json.text(member));
        else if (key == "startTime")
            pod.started = c.time(member);
        else if (key == "podIP")
            pod.ipv4 = parse_ipv4(c.json.text(member));
        else if (key == "conditions") {
            c.json.array(member, [&](Value item) {
                const auto condition = c.condition(item);
                if (condition.status != "True")
                    conditions.push_back(condition);
                else if (condition.type == "Ready")
                    pod.ready = true;
            });
        } else if (key == "containerStatuses" || key == "initContainerStatuses" || key == "ephemeralContainerStatuses") {
            const bool init = key == "initContainerStatuses";
            c.json.array(member, [&](Value item) { statuses.push_back(container_status(c, item, init)); });
        }
    });
    shape.container_statuses = c.once(statuses);
    shape.conditions = c.once(conditions);
}

} // namespace

void decode_pod(DecodeContext& c, Object& object)
{
    model::Pod pod;
    model::PodShape shape;
    model::ObjectMeta meta;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata")
            c.meta(value, meta);
        else if (key == "spec")
            shape.spec = c.pod_spec(value, &pod.node_name);
        else if (key == "status")
            pod_status(c, value, pod, shape);
    });
    if (c.json.ok() && shape.spec == nullptr) c.json.fail("spec is missing");
    if (!c.accept(meta)) return;
    shape.ns = meta.ns;
    shape.labels = meta.labels;
    shape.annotations = meta.annotations;
    shape.controller = meta.controller;
    shape.deleted = meta.deleted;
    shape.generation = meta.generation;
    pod.shape = c.vault.shape(shape);
    pod.name = meta.name;
    pod.created = meta.created;
    // The pods of controllers are the bulk of a cluster, and nothing asks for their uids.
    if (meta.controller == nullptr || pod.is_mirror()) pod.uid = c.vault.texts.store(c.uid);
    c.inventory.pods.push_back(pod);
}

} // namespace seaworthy::kube

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

// Texts are interned, so their addresses stand for their content.
void mix(std::uint64_t& hash, Text text)
{
    hash = (hash ^ reinterpret_cast<std::uintptr_t>(text.view().data())) * 0x9E3779B97F4A7C15U; // NOLINT: an address as a number
}

std::uint64_t hash_of(const ContainerStatus& status)
{
    std::uint64_t hash = static_cast<std::uint64_t>(status.restart_count) * 4U + (status.ready ? 2U : 0U) + (status.init ? 1U : 0U);
    for (const Text text : {status.name, status.image, status.image_id, status.waiting_reason, status.waiting_message, status.terminated_reason})
        mix(hash, text);
    return hash;
}

bool same(const ContainerStatus& a, const ContainerStatus& b)
{
    return a.restart_count == b.restart_count && a.ready == b.ready && a.init == b.init && a.name == b.name && a.image == b.image &&
           a.image_id == b.image_id && a.waiting_reason == b.waiting_reason && a.waiting_message == b.waiting_message &&
           a.terminated_reason == b.terminated_reason;
}

std::uint64_t hash_of(const model::Condition& condition)
{
    auto hash = static_cast<std::uint64_t>(condition.last_transition.unix_seconds()) + static_cast<std::uint64_t>(condition.observed_generation);
    for (const Text text : {condition.type, condition.status, condition.reason, condition.message})
        mix(hash, text);
    return hash;
}

bool same(const model::Condition& a, const model::Condition& b)
{
    return a.last_transition == b.last_transition && a.observed_generation == b.observed_generation && a.type == b.type && a.status == b.status &&
           a.reason == b.reason && a.message == b.message;
}

/// The one list in `known` with this content.
template <typename T>
Array<T> keep_once(DecodeContext& c, std::unordered_multimap<std::uint64_t, Array<T>>& known, const std::vector<T>& items)
{
    if (items.empty()) return {};
    std::uint64_t hash = items.size();
    for (const T& item : items)
        hash = hash * 0x9E3779B97F4A7C15U + hash_of(item);
    const auto [first, last] = known.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (std::equal(at->second.begin(), at->second.end(), items.begin(), items.end(), [](const T& a, const T& b) { return same(a, b); }))
            return at->second;
    return known.emplace(hash, Array<T>::copy(items, c.vault.arena))->second;
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
    shape.container_statuses = keep_once(c, c.container_statuses, statuses);
    shape.conditions = keep_once(c, c.pod_conditions, conditions);
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

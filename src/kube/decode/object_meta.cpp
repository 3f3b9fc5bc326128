// SPDX-License-Identifier: Apache-2.0
// What objects of all kinds share: metadata, conditions, selectors.
#include <algorithm>

#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_annotation_bytes = 16U << 10U;
constexpr std::size_t k_condition_message_bytes = 512;

/// Annotations that the process never keeps: a second copy of the object that can hold a Secret's data, and addresses that a
/// network plugin writes on each pod, which no check reads and which would make each pod's annotations different.
constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view k_dropped_annotations[] = {
    k_last_applied,
    "cni.projectcalico.org/containerID",
    "cni.projectcalico.org/podIP",
    "cni.projectcalico.org/podIPs",
    "k8s.ovn.org/pod-networks",
    "k8s.v1.cni.cncf.io/network-status",
};

std::string_view cut_utf8(std::string_view text, std::size_t limit)
{
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U)
        --limit;
    return text.substr(0, limit);
}

model::SelectorRequirement::Operator parse_operator(std::string_view text)
{
    using Operator = model::SelectorRequirement::Operator;
    if (text == "In") return Operator::in;
    if (text == "NotIn") return Operator::not_in;
    if (text == "Exists") return Operator::exists;
    if (text == "DoesNotExist") return Operator::does_not_exist;
    return Operator::invalid;
}

} // namespace

Text DecodeContext::intern_cut(Value value, std::size_t limit)
{
    return vault.texts.intern(cut_utf8(json.text(value), limit));
}

Timestamp DecodeContext::time(Value value)
{
    const std::string_view text = json.text(value);
    return text.empty() ? Timestamp{} : parse_rfc3339(text);
}

Array<Text> DecodeContext::texts(Value value)
{
    words.clear();
    json.array(value, [&](Value item) { words.push_back(intern(item)); });
    return vault.list(words);
}

Array<Text> DecodeContext::texts_of(Value value, std::string_view wanted)
{
    words.clear();
    json.array(value, [&](Value item) {
        json.object(item, [&](std::string_view key, Value member) {
            if (key == wanted) words.push_back(intern(member));
        });
    });
    return vault.list(words);
}

model::StringMap DecodeContext::string_map(Value value)
{
    pairs.clear();
    json.object(value, [&](std::string_view key, Value item) {
        const Text name = vault.texts.intern(key);
        pairs.push_back({name, intern(item)});
    });
    return vault.map(pairs);
}

model::StringMap DecodeContext::quantities(Value value)
{
    pairs.clear();
    json.object(value, [&](std::string_view key, Value item) {
        const Text name = vault.texts.intern(key);
        pairs.push_back({name, scalar(item)});
    });
    return vault.map(pairs);
}

model::StringMap DecodeContext::annotations(Value value)
{
    pairs.clear();
    json.object(value, [&](std::string_view key, Value item) {
        applied = applied || key == k_last_applied;
        if (std::find(std::begin(k_dropped_annotations), std::end(k_dropped_annotations), key) != std::end(k_dropped_annotations)) return;
        const Text name = vault.texts.intern(key);
        pairs.push_back({name, intern_cut(item, k_annotation_bytes)});
    });
    return vault.map(pairs);
}

model::LabelSelector DecodeContext::selector(Value value)
{
    model::LabelSelector selector;
    std::vector<model::SelectorRequirement> requirements;
    if (json.is_null(value)) return selector;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "matchLabels") selector.match_labels = string_map(member);
        if (key != "matchExpressions") return;
        json.array(member, [&](Value item) {
            model::SelectorRequirement requirement;
            json.object(item, [&](std::string_view name, Value part) {
                if (name == "key")
                    requirement.key = intern(part);
                else if (name == "operator")
                    requirement.op = parse_operator(json.text(part));
                else if (name == "values")
                    requirement.values = texts(part);
            });
            requirements.push_back(requirement);
        });
    });
    selector.present = true;
    selector.match_expressions = vault.keep(requirements);
    return selector;
}

model::LabelSelector DecodeContext::map_selector(Value value)
{
    model::LabelSelector selector;
    selector.match_labels = string_map(value);
    selector.present = !selector.match_labels.empty();
    return selector;
}

model::Condition DecodeContext::condition(Value value)
{
    model::Condition condition;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "type")
            condition.type = intern(member);
        else if (key == "status")
            condition.status = intern(member);
        else if (key == "reason")
            condition.reason = intern(member);
        else if (key == "message")
            condition.message = intern_cut(member, k_condition_message_bytes);
        else if (key == "lastTransitionTime")
            condition.last_transition = time(member);
        else if (key == "observedGeneration")
            condition.observed_generation = json.integer(member);
    });
    return condition;
}

Array<model::Condition> DecodeContext::conditions(Value value)
{
    std::vector<model::Condition> found;
    json.array(value, [&](Value item) { found.push_back(condition(item)); });
    return vault.keep(found);
}

model::ManagedFieldsEntry DecodeContext::field_manager(Value value)
{
    model::ManagedFieldsEntry manager;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "manager")
            manager.manager = intern(member);
        else if (key == "operation")
            manager.operation = intern(member);
        else if (key == "subresource")
            manager.subresource = intern(member);
        else if (key == "time")
            manager.time = time(member);
        else if (key == "fieldsV1")
            manager.owns_spec = owns_spec(json, member);
    });
    return manager;
}

void DecodeContext::read_meta_field(std::string_view key, Value value, model::ObjectMeta& meta)
{
    if (key == "name")
        meta.name = vault.texts.store(json.text(value));
    else if (key == "namespace")
        meta.ns = intern(value);
    else if (key == "uid")
        uid.assign(json.text(value));
    else if (key == "labels")
        meta.labels = string_map(value);
    else if (key == "annotations")
        meta.annotations = annotations(value);
    else if (key == "creationTimestamp")
        meta.created = time(value);
    else if (key == "deletionTimestamp")
        meta.deleted = time(value);
    else if (key == "managedFields" && wants_managers)
        json.array(value, [&](Value item) { managers.push_back(field_manager(item)); });
    else if (key == "generation")
        meta.generation = json.integer(value);
    else if (key == "ownerReferences") {
        json.array(value, [&](Value item) {
            model::OwnerReference owner;
            bool controls = false;
            json.object(item, [&](std::string_view name, Value member) {
                if (name == "apiVersion")
                    owner.api_version = intern(member);
                else if (name == "kind")
                    owner.kind = intern(member);
                else if (name == "name")
                    owner.name = intern(member);
                else if (name == "uid")
                    owner.uid = intern(member);
                else if (name == "controller")
                    controls = json.flag(member);
            });
            if (controls) meta.controller = vault.owner(owner);
        });
    }
}

void DecodeContext::meta(Value value, model::ObjectMeta& meta)
{
    uid.clear();
    managers.clear();
    applied = false;
    json.object(value, [&](std::string_view key, Value member) { read_meta_field(key, member, meta); });
    if (resource != "pods") meta.uid = vault.texts.store(uid);
}

bool DecodeContext::accept(model::ObjectMeta& meta)
{
    if (json.ok() && meta.name.empty()) json.fail("metadata.name is missing");
    if (!json.ok()) return false;
    if (builtin != nullptr && !builtin->namespaced) meta.ns = {};
    if (builtin != nullptr && builtin->namespaced && meta.ns.empty()) {
        if (default_namespace.empty())
            json.fail("metadata.namespace is missing");
        else
            meta.ns = vault.texts.intern(default_namespace);
    }
    if (!json.ok()) return false;
    const auto& wanted = plan.namespaces;
    const std::string_view ns = resource == "namespaces" ? meta.name.view() : meta.ns.view();
    if (!wanted.empty() && !ns.empty() && std::find(wanted.begin(), wanted.end(), ns) == wanted.end()) rejected_by_plan = true;
    return !rejected_by_plan;
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#include "app/object_notes.hpp"

#include <algorithm>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/check/context.hpp"

namespace seaworthy::app {
namespace {

std::string key_of(std::string_view api_version, std::string_view kind, std::string_view ns, std::string_view name)
{
    std::string key;
    for (const auto part : {api_version, kind, ns, name})
        key.append(part).push_back('\n');
    return key;
}

/// When somebody last wrote to its specification: status and scale are what controllers do all day.
Timestamp last_change(const model::WorkloadObject& workload)
{
    auto latest = workload.meta.created;
    for (const auto& manager : workload.managers)
        if (manager.owns_spec && manager.subresource.empty()) latest = std::max(latest, manager.time);
    return latest;
}

} // namespace

class ObjectNotes::Taker {
public:
    Taker(ObjectNotes& notes, const config::Events& settings, Timestamp now) : m_notes(notes), m_settings(settings), m_now(now) {}

    void take(const check::ObjectKey& object, const model::ObjectMeta& meta, Timestamp changed)
    {
        const auto age = changed.age(m_now);
        const bool is_recent = age && std::chrono::milliseconds{*age} < m_settings.settle;
        auto labels = chosen(meta.labels);
        if (is_recent || labels != nullptr)
            m_notes.m_notes[key_of(object.api_version, object.kind, object.ns, object.name)] = {is_recent ? changed : Timestamp{}, std::move(labels)};
    }
    void take(std::string_view api_version, std::string_view kind, const model::ObjectMeta& meta)
    {
        take(check::ObjectKey::of(api_version, kind, meta), meta, meta.created);
    }

private:
    std::shared_ptr<const Labels> chosen(const model::StringMap& labels)
    {
        if (m_settings.labels.empty() || labels.empty()) return nullptr;
        // Equal maps of one inventory have one address, and few of them are different.
        const auto [at, is_new] = m_chosen.try_emplace(labels.begin());
        if (is_new) {
            Labels found;
            for (const auto& [key, value] : labels)
                if (glob_match_any(m_settings.labels, key)) found.emplace_back(key.str(), value.str());
            if (!found.empty()) at->second = std::make_shared<const Labels>(std::move(found));
        }
        return at->second;
    }

    ObjectNotes& m_notes;
    const config::Events& m_settings;
    Timestamp m_now;
    std::unordered_map<const model::KeyValue*, std::shared_ptr<const Labels>> m_chosen;
};

ObjectNotes::ObjectNotes(const model::Inventory& inventory, const config::Events& settings)
{
    Taker taker{*this, settings, inventory.taken_at};
    for (const auto& ns : inventory.namespaces)
        taker.take("v1", "Namespace", ns.meta);
    for (const auto& node : inventory.nodes)
        taker.take("v1", "Node", node.meta);
    for (const auto& pod : inventory.pods)
        // Findings are about what made a pod, if something did.
        if (pod.controller() == nullptr) taker.take("v1", "Pod", pod.meta());
    for (const auto& workload : inventory.workloads)
        taker.take(check::ObjectKey::of(model::kind_api_version(workload.kind), model::kind_name(workload.kind), workload.meta), workload.meta,
                   last_change(workload));
    for (const auto& service : inventory.services)
        taker.take("v1", "Service", service.meta);
    for (const auto& policy : inventory.network_policies)
        taker.take("networking.k8s.io/v1", "NetworkPolicy", policy.meta);
    for (const auto& account : inventory.service_accounts)
        taker.take("v1", "ServiceAccount", account.meta);
    for (const auto& role : inventory.roles)
        taker.take(check::ObjectKey::of(role), role.meta, role.meta.created);
    for (const auto& binding : inventory.role_bindings)
        taker.take(check::ObjectKey::of(binding), binding.meta, binding.meta.created);
    for (const auto& [resource, documents] : inventory.documents)
        for (const auto& document : documents)
            taker.take(check::ObjectKey::of(document), document.meta, document.meta.created);
}

events::ObjectFacts ObjectNotes::of(const report::Object& object) const
{
    const auto found = m_notes.find(key_of(object.api_version, object.kind, object.ns, object.name));
    if (found == m_notes.end()) return {};
    events::ObjectFacts facts;
    if (found->second.changed.known()) facts.changed = found->second.changed.unix_seconds() * 1000;
    if (found->second.labels != nullptr) facts.labels = *found->second.labels;
    return facts;
}

} // namespace seaworthy::app

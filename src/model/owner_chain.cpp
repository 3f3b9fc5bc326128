// SPDX-License-Identifier: Apache-2.0
#include "model/owner_chain.hpp"

#include <fmt/format.h>

namespace seaworthy::model {
namespace {

constexpr int k_longest_chain = 8; // a hostile chain may be a ring

std::string name_key(std::string_view ns, std::string_view kind, std::string_view name)
{
    return fmt::format("{}/{}/{}", ns, kind, name);
}

} // namespace

OwnerChain::OwnerChain(const Inventory& inventory)
{
    const auto add = [this](WorkloadKind kind, const ObjectMeta& meta, Link link) {
        if (!meta.uid.empty())
            m_by_uid.emplace(meta.uid.view(), link);
        else
            m_by_name.emplace(name_key(meta.ns, kind_name(kind), meta.name), link);
    };
    for (const WorkloadObject& object : inventory.workloads)
        add(object.kind, object.meta, {&object, nullptr});
    for (const OwnedController& owned : inventory.owned_controllers)
        add(owned.kind, owned.meta, {nullptr, &owned});
}

const OwnerChain::Link* OwnerChain::find(std::string_view ns, const OwnerReference& owner) const
{
    if (const auto at = m_by_uid.find(owner.uid.view()); at != m_by_uid.end() && at->second.meta().ns == ns) return &at->second;
    if (m_by_name.empty()) return nullptr;
    const auto at = m_by_name.find(name_key(ns, owner.kind, owner.name));
    return at != m_by_name.end() ? &at->second : nullptr;
}

Root OwnerChain::root_of(std::string_view ns, const OwnerReference& owner) const
{
    const OwnerReference* named = &owner;
    for (int step = 0; step < k_longest_chain; ++step) {
        const Link* link = find(ns, *named);
        if (link == nullptr) return {nullptr, named};
        const OwnerReference* next = link->meta().controller;
        if (next == nullptr) return link->object != nullptr ? Root{link->object, nullptr} : Root{nullptr, named};
        named = next;
    }
    return {nullptr, named};
}

Root OwnerChain::root_of(const WorkloadObject& object) const
{
    if (object.meta.controller == nullptr) return {&object, nullptr};
    return root_of(object.meta.ns, *object.meta.controller);
}

} // namespace seaworthy::model

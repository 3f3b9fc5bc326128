// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/vault.hpp"

#include <algorithm>

namespace seaworthy::model {
namespace {

/// Texts are interned, so equal content has one address and addresses can be hashed and compared.
std::uint64_t hash_words(const void* data, std::size_t bytes)
{
    return hash_bytes({static_cast<const char*>(data), bytes});
}

} // namespace

StringMap Vault::map(std::vector<KeyValue>& entries)
{
    if (entries.empty()) return {};
    std::stable_sort(entries.begin(), entries.end(), [](const KeyValue& a, const KeyValue& b) { return a.key.view() < b.key.view(); });
    // Of equal keys the last one wins, as in encoding/json.
    auto write = entries.begin();
    for (auto read = entries.begin(); read != entries.end(); ++read) {
        if (write != entries.begin() && (write - 1)->key == read->key)
            *(write - 1) = *read;
        else
            *write++ = *read;
    }
    entries.erase(write, entries.end());

    const std::uint64_t hash = hash_words(entries.data(), entries.size() * sizeof(KeyValue));
    const auto [first, last] = m_maps.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (std::equal(at->second.begin(), at->second.end(), entries.begin(), entries.end())) return at->second;
    return m_maps.emplace(hash, StringMap{keep(entries)})->second;
}

Array<Text> Vault::list(std::span<const Text> items)
{
    if (items.empty()) return {};
    const std::uint64_t hash = hash_words(items.data(), items.size_bytes());
    const auto [first, last] = m_lists.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (std::equal(at->second.begin(), at->second.end(), items.begin(), items.end())) return at->second;
    return m_lists.emplace(hash, keep(items))->second;
}

const PodShape* Vault::shape(const PodShape& shape)
{
    // All parts are stored once, so a shape is where they are.
    const void* const places[] = {shape.ns.view().data(),  shape.labels.begin(),           shape.annotations.begin(), shape.controller, shape.spec,
                                  shape.conditions.data(), shape.container_statuses.data()};
    const std::uint64_t hash =
        hash_words(places, sizeof places) ^ static_cast<std::uint64_t>(shape.generation) ^ static_cast<std::uint64_t>(shape.deleted.unix_seconds());
    const auto [first, last] = m_shapes.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (*at->second == shape) return at->second;
    return m_shapes.emplace(hash, keep(std::span<const PodShape>{&shape, 1}).data())->second;
}

const OwnerReference* Vault::owner(const OwnerReference& owner)
{
    const std::uint64_t hash = hash_words(&owner, sizeof owner);
    const auto [first, last] = m_owners.equal_range(hash);
    for (auto at = first; at != last; ++at) {
        const OwnerReference& known = *at->second;
        if (known.uid == owner.uid && known.name == owner.name && known.kind == owner.kind && known.api_version == owner.api_version)
            return at->second;
    }
    return m_owners.emplace(hash, keep(std::span<const OwnerReference>{&owner, 1}).data())->second;
}

const PodSpec* Vault::find_pod_spec(const std::string& digest) const
{
    const auto at = m_pod_specs.find(digest);
    return at != m_pod_specs.end() ? at->second : nullptr;
}

const PodSpec* Vault::keep_pod_spec(const std::string& digest, const PodSpec& spec)
{
    const auto [at, added] = m_pod_specs.try_emplace(digest, nullptr);
    if (added) at->second = keep(std::span<const PodSpec>{&spec, 1}).data();
    return at->second;
}

void Vault::freeze()
{
    texts.freeze();
    m_maps = {};
    m_lists = {};
    m_shapes = {};
    m_owners = {};
    m_pod_specs = {};
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "seaworthy/base/text.hpp"
#include "seaworthy/model/pod_spec.hpp"
#include "seaworthy/model/workload.hpp"

namespace seaworthy::model {

/// Owns the memory of an inventory's strings and arrays and stores equal ones once (hash-consing). Decoders write, nobody else.
class Vault {
public:
    TextPool texts;
    Arena arena;

    /// A copy of `items` in the arena.
    template <typename T>
    [[nodiscard]] Array<T> keep(std::span<const T> items)
    {
        return Array<T>::copy(items, arena);
    }
    template <typename T>
    [[nodiscard]] Array<T> keep(const std::vector<T>& items)
    {
        return Array<T>::copy(items, arena);
    }

    /// Sorts by key, lets the last of equal keys win, and gives the one map with that content.
    [[nodiscard]] StringMap map(std::vector<KeyValue>& entries);
    /// The one list with that content, in that order.
    [[nodiscard]] Array<Text> list(std::span<const Text> items);
    /// The one shape with that content.
    [[nodiscard]] const PodShape* shape(const PodShape& shape);
    /// The one OwnerReference with that content.
    [[nodiscard]] const OwnerReference* owner(const OwnerReference& owner);

    /// The value stored under a digest of its source bytes, or nullptr. Digests are SHA-256, so a tenant cannot forge a twin.
    [[nodiscard]] const PodSpec* find_pod_spec(const std::string& digest) const;
    const PodSpec* keep_pod_spec(const std::string& digest, const PodSpec& spec);
    /// Frees what finds equal content again: nothing more will be decoded.
    void freeze();
    [[nodiscard]] std::size_t pod_specs() const { return m_pod_specs.size(); }

private:
    std::unordered_multimap<std::uint64_t, StringMap> m_maps;
    std::unordered_multimap<std::uint64_t, Array<Text>> m_lists;
    std::unordered_multimap<std::uint64_t, const PodShape*> m_shapes;
    std::unordered_multimap<std::uint64_t, const OwnerReference*> m_owners;
    std::unordered_map<std::string, const PodSpec*> m_pod_specs;
};

} // namespace seaworthy::model

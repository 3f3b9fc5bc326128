// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "seaworthy/base/array.hpp"
#include "seaworthy/base/text.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::model {

struct KeyValue {
    Text key;
    Text value;
    friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

/// Labels, annotations, selectors' matchLabels, resource lists: sorted by key, each key once, stored once for equal content.
class StringMap {
public:
    StringMap() = default;
    explicit StringMap(Array<KeyValue> sorted) : m_entries(sorted) {}

    /// The value, or nullptr where the key is not there (an empty value is there).
    [[nodiscard]] const Text* find(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
    /// The value, or an empty string.
    [[nodiscard]] std::string_view get(std::string_view key) const;
    [[nodiscard]] bool is(std::string_view key, std::string_view value) const;

    [[nodiscard]] const KeyValue* begin() const { return m_entries.begin(); }
    [[nodiscard]] const KeyValue* end() const { return m_entries.end(); }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    [[nodiscard]] bool empty() const { return m_entries.empty(); }
    /// Equal maps of one inventory have one address.
    friend bool operator==(const StringMap& a, const StringMap& b) { return a.m_entries.begin() == b.m_entries.begin(); }

private:
    Array<KeyValue> m_entries;
};

/// The ownerReference with `controller: true`.
struct OwnerReference {
    Text api_version;
    Text kind;
    Text name;
    Text uid;
};

/// metav1.ObjectMeta, what checks read of it.
/// What `kubectl.kubernetes.io/last-applied-configuration` and managedFields contain never enters the process's memory; of workloads we keep
/// that the first is there, and who the managers are.
struct ObjectMeta {
    Text name;
    Text ns; ///< empty for cluster-scoped objects
    Text uid;
    StringMap labels;
    StringMap annotations;
    Link<OwnerReference> controller; ///< nullptr: no controlling owner
    Timestamp created;
    Timestamp deleted; ///< deletionTimestamp: known while the object is being deleted
    std::int64_t generation = 0;
};

/// One entry of `status.conditions`.
struct Condition {
    Text type;
    Text status; ///< "True", "False", "Unknown"
    Text reason;
    Text message; ///< at most 512 bytes
    Timestamp last_transition;
    std::int64_t observed_generation = 0;
};

/// The condition of that type, or nullptr.
[[nodiscard]] const Condition* find_condition(std::span<const Condition> conditions, std::string_view type);

} // namespace seaworthy::model

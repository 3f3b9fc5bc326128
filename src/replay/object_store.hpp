// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/json.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

struct StoredObject {
    std::string key; ///< "namespace/name", or "name"; the order of lists
    std::string namespace_;
    std::string name;
    std::string item; ///< the object as a list holds it
    Json json;        ///< the object whole
};

using Objects = std::vector<std::shared_ptr<const StoredObject>>;

/// One resource at one revision. Immutable, so a list and all its pages see the same objects whatever changes meanwhile.
struct Snapshot {
    ResourceType type;
    std::uint64_t revision = 0;
    std::shared_ptr<const Objects> objects;         ///< by key
    std::shared_ptr<const GeneratedList> generated; ///< in place of `objects` where it is set
};

/// The objects of a cluster. Thread-safe.
class ObjectStore {
public:
    /// Starts with every built-in resource, without objects.
    explicit ObjectStore(std::size_t remembered_snapshots);

    [[nodiscard]] Result<void> put(Json object);
    bool remove(const std::string& resource, std::string_view namespace_, std::string_view name);
    void serve(ResourceType type);
    void stop_serving(const std::string& resource);
    void generate(ResourceType type, std::shared_ptr<const GeneratedList> list);
    void forget_snapshots();

    [[nodiscard]] std::vector<ResourceType> types() const;
    /// The resource by the names that a path gives, as it is now; nothing when it is not served.
    [[nodiscard]] std::optional<Snapshot> newest(const std::string& resource) const;
    /// Keeps a snapshot for the pages that follow.
    void remember(const Snapshot& snapshot);
    /// Nothing once it is forgotten.
    [[nodiscard]] std::optional<Snapshot> remembered(const std::string& resource, std::uint64_t revision) const;

private:
    struct Entry {
        ResourceType type;
        std::map<std::string, std::shared_ptr<const StoredObject>, std::less<>> objects;
        mutable std::shared_ptr<const Objects> rows; ///< of `objects`, made when asked for
        std::shared_ptr<const GeneratedList> generated;
        std::deque<Snapshot> snapshots;
    };

    [[nodiscard]] const ResourceType* find_type(std::string_view api_version, std::string_view kind) const;
    [[nodiscard]] Snapshot snapshot_of(const Entry& entry) const;

    const std::size_t m_remembered_snapshots;
    mutable std::mutex m_mutex;
    std::map<std::string, Entry> m_entries; ///< by resource id
    std::uint64_t m_revision = 1000;
};

[[nodiscard]] std::string object_key(std::string_view namespace_, std::string_view name);

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#include "replay/object_store.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "replay/resource_types.hpp"
#include "replay/stable_uid.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::replay {

namespace {

std::string now()
{
    return format_rfc3339(Timestamp{std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()});
}

/// Built-in kinds: Go's field order and no type in list items. Custom resources: sorted keys and the type in each.
std::string list_item(const Json& object, bool custom)
{
    if (custom) return nlohmann::json(object).dump();
    Json item = Json::object();
    item["metadata"] = object.at("metadata");
    for (const auto& [name, value] : object.items()) {
        if (name != "metadata" && name != "kind" && name != "apiVersion") item[name] = value;
    }
    return item.dump();
}

} // namespace

std::string object_key(std::string_view namespace_, std::string_view name)
{
    return namespace_.empty() ? std::string{name} : fmt::format("{}/{}", namespace_, name);
}

ObjectStore::ObjectStore(std::size_t remembered_snapshots) : m_remembered_snapshots(remembered_snapshots)
{
    for (auto& type : builtin_types()) {
        const auto id = type.id();
        m_entries[id].type = std::move(type);
    }
}

const ResourceType* ObjectStore::find_type(std::string_view api_version, std::string_view kind) const
{
    const auto slash = api_version.find('/');
    const auto group = slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
    for (const auto& [id, entry] : m_entries) {
        if (entry.type.group == group && entry.type.kind == kind) return &entry.type;
    }
    return nullptr;
}

Result<void> ObjectStore::put(Json object)
{
    const auto api_version = text_at(object, "apiVersion");
    const auto kind = text_at(object, "kind");
    const auto name = text_at(object, "metadata.name");
    auto namespace_ = text_at(object, "metadata.namespace");
    if (api_version.empty() || kind.empty() || name.empty()) {
        return failure(Error::Kind::invalid_input, fmt::format("an object without apiVersion, kind or name ({} \"{}\")", kind, name));
    }
    if (kind == "CustomResourceDefinition") {
        if (auto type = defined_type(object)) serve(std::move(*type));
    }

    const std::lock_guard lock{m_mutex};
    const auto* known = find_type(api_version, kind);
    const auto type = known != nullptr ? *known : guessed_from_object(api_version, kind, !namespace_.empty());
    if (type.namespaced && namespace_.empty()) namespace_ = "default";
    if (!type.namespaced) namespace_.clear();

    auto& metadata = object["metadata"];
    if (!namespace_.empty()) metadata["namespace"] = namespace_;
    const auto key = object_key(namespace_, name);
    if (text_at(metadata, "uid").empty()) metadata["uid"] = stable_uid(type.id() + "/" + key);
    metadata["resourceVersion"] = std::to_string(++m_revision);
    if (text_at(metadata, "creationTimestamp").empty()) metadata["creationTimestamp"] = now();

    auto& entry = m_entries[type.id()];
    entry.type = type;
    auto item = list_item(object, type.custom);
    entry.objects[key] = std::make_shared<const StoredObject>(StoredObject{key, namespace_, name, std::move(item), std::move(object)});
    entry.rows.reset();
    return {};
}

bool ObjectStore::remove(const std::string& resource, std::string_view namespace_, std::string_view name)
{
    const std::lock_guard lock{m_mutex};
    const auto entry = m_entries.find(resource);
    if (entry == m_entries.end() || entry->second.objects.erase(object_key(namespace_, name)) == 0) return false;
    entry->second.rows.reset();
    ++m_revision;
    return true;
}

void ObjectStore::serve(ResourceType type)
{
    const std::lock_guard lock{m_mutex};
    const auto id = type.id();
    if (const auto found = m_entries.find(id); found != m_entries.end() && !found->second.type.custom) return; // a built-in one stays as it is
    m_entries[id].type = std::move(type);
}

void ObjectStore::stop_serving(const std::string& resource)
{
    const std::lock_guard lock{m_mutex};
    m_entries.erase(resource);
}

void ObjectStore::generate(ResourceType type, std::shared_ptr<const GeneratedList> list)
{
    const std::lock_guard lock{m_mutex};
    auto& entry = m_entries[type.id()];
    entry.type = std::move(type);
    entry.generated = std::move(list);
    entry.snapshots.clear();
    ++m_revision;
}

void ObjectStore::forget_snapshots()
{
    const std::lock_guard lock{m_mutex};
    ++m_revision; // so that no later snapshot answers for a token of today
    for (auto& [id, entry] : m_entries)
        entry.snapshots.clear();
}

std::vector<ResourceType> ObjectStore::types() const
{
    const std::lock_guard lock{m_mutex};
    std::vector<ResourceType> types;
    for (const auto& [id, entry] : m_entries)
        types.push_back(entry.type);
    return types;
}

Snapshot ObjectStore::snapshot_of(const Entry& entry) const
{
    if (!entry.rows) {
        Objects rows;
        rows.reserve(entry.objects.size());
        for (const auto& [key, object] : entry.objects)
            rows.push_back(object);
        entry.rows = std::make_shared<const Objects>(std::move(rows));
    }
    return {entry.type, m_revision, entry.rows, entry.generated};
}

std::optional<Snapshot> ObjectStore::newest(const std::string& resource) const
{
    const std::lock_guard lock{m_mutex};
    const auto found = m_entries.find(resource);
    if (found == m_entries.end()) return std::nullopt;
    return snapshot_of(found->second);
}

void ObjectStore::remember(const Snapshot& snapshot)
{
    const std::lock_guard lock{m_mutex};
    auto& snapshots = m_entries[snapshot.type.id()].snapshots;
    const auto same = [&](const Snapshot& other) { return other.revision == snapshot.revision; };
    if (std::any_of(snapshots.begin(), snapshots.end(), same)) return;
    snapshots.push_back(snapshot);
    if (snapshots.size() > m_remembered_snapshots) snapshots.pop_front();
}

std::optional<Snapshot> ObjectStore::remembered(const std::string& resource, std::uint64_t revision) const
{
    const std::lock_guard lock{m_mutex};
    const auto entry = m_entries.find(resource);
    if (entry == m_entries.end()) return std::nullopt;
    for (const auto& snapshot : entry->second.snapshots) {
        if (snapshot.revision == revision) return snapshot;
    }
    return std::nullopt;
}

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "kube/decode/field_paths.hpp"
#include "kube/decode/json_reader.hpp"
#include "kube/decode/keep_once.hpp"
#include "kube/decode/managed_fields.hpp"
#include "kube/decode/spec_digest.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/model/resource.hpp"
#include "seaworthy/model/vault.hpp"

namespace seaworthy::kube {

using Object = ondemand::object;
using Value = ondemand::value;

/// What the functions that decode one kind each work with: the reader, the inventory's pools, and scratch space that is used again.
struct DecodeContext {
    DecodeContext(model::Inventory& into, const model::ReadPlan& wanted) : inventory(into), plan(wanted), vault(into.vault()) {}

    JsonReader json;
    model::Inventory& inventory;
    const model::ReadPlan& plan;
    model::Vault& vault;
    std::string default_namespace;
    bool saw_secret_values = false;

    // Of the object at hand.
    std::string_view resource;                ///< its resource id
    const model::Resource* builtin = nullptr; ///< nullptr: a custom resource
    const FieldPaths* fields = nullptr;       ///< of a Document
    [[nodiscard]] Timestamp now() const { return inventory.taken_at; }

    // Values.
    [[nodiscard]] Text intern(Value value) { return vault.texts.intern(json.text(value)); }
    /// At most `limit` bytes, cut between UTF-8 characters.
    [[nodiscard]] Text intern_cut(Value value, std::size_t limit);
    [[nodiscard]] Text scalar(Value value) { return vault.texts.intern(json.scalar(value)); }
    [[nodiscard]] Timestamp time(Value value);
    [[nodiscard]] Array<Text> texts(Value value);
    /// The member `key` of each object in a list: `[{name: a}, {name: b}]`.
    [[nodiscard]] Array<Text> texts_of(Value value, std::string_view key);
    [[nodiscard]] model::StringMap string_map(Value value);
    /// Quantities may be written as numbers.
    [[nodiscard]] model::StringMap quantities(Value value);
    [[nodiscard]] model::LabelSelector selector(Value value);
    [[nodiscard]] model::LabelSelector map_selector(Value value);
    [[nodiscard]] Array<model::Condition> conditions(Value value);
    [[nodiscard]] model::Condition condition(Value value);

    void meta(Value value, model::ObjectMeta& meta);
    /// The spec of a pod or of a template, stored once for equal content.
    [[nodiscard]] const model::PodSpec* pod_spec(Value value, Text* node_name = nullptr);
    [[nodiscard]] model::PodTemplate pod_template(Value value);

    /// The last word on an object: gives it its namespace, and says whether it may enter the inventory.
    [[nodiscard]] bool accept(model::ObjectMeta& meta);
    bool rejected_by_plan = false; ///< accept() said no without anything being wrong

    std::vector<model::KeyValue> pairs;              ///< scratch
    std::vector<Text> words;                         ///< scratch
    std::string uid;                                 ///< metadata.uid of the object at hand
    std::vector<model::ManagedFieldsEntry> managers; ///< metadata.managedFields of the object at hand, if `wants_managers`
    bool wants_managers = false;
    bool applied = false; ///< the object at hand has kubectl's last-applied-configuration
    SpecDigest spec_digest;

    /// The one list with that content.
    template <typename T>
    [[nodiscard]] Array<T> once(const std::vector<T>& items)
    {
        return std::get<KeptOnce<T>>(m_kept).list(items, vault.arena);
    }
    /// The one value with that content.
    template <typename T>
    [[nodiscard]] Link<T> once(const T& item)
    {
        return std::get<KeptOnce<T>>(m_kept).list({&item, 1}, vault.arena).data();
    }

private:
    std::tuple<KeptOnce<model::ContainerStatus>, KeptOnce<model::Condition>, KeptOnce<model::EnvVar>, KeptOnce<model::VolumeMount>,
               KeptOnce<model::Toleration>, KeptOnce<model::Probe>, KeptOnce<model::SecurityContext>>
        m_kept;

    [[nodiscard]] model::ManagedFieldsEntry field_manager(Value value);
    void read_meta_field(std::string_view key, Value value, model::ObjectMeta& meta);
    [[nodiscard]] model::StringMap annotations(Value value);
};

/// Decodes one object from its members into the inventory.
using DecodeFunction = void (*)(DecodeContext&, Object&);

/// The functions of one API group, found by resource id; every other resource becomes Documents.
struct KindDecoder {
    std::string_view resource;
    DecodeFunction decode;
};
[[nodiscard]] std::span<const KindDecoder> core_decoders();
[[nodiscard]] std::span<const KindDecoder> workload_decoders();
[[nodiscard]] std::span<const KindDecoder> networking_decoders();
[[nodiscard]] std::span<const KindDecoder> rbac_decoders();
void decode_pod(DecodeContext& context, Object& object);
void decode_event(DecodeContext& context, Object& object);
void decode_secret(DecodeContext& context, Object& object);
void decode_config_map(DecodeContext& context, Object& object);
void decode_document(DecodeContext& context, Object& object);
[[nodiscard]] model::PodSpec decode_pod_spec(DecodeContext& context, Object& object);

} // namespace seaworthy::kube

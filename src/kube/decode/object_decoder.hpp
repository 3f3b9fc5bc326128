// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "kube/decode/field_paths.hpp"
#include "kube/decode/list_splitter.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// Turns the JSON of one object at a time into facts of an inventory: the only reader of Kubernetes objects.
/// Answers of the API server, snapshots and manifests all take this road. Not thread-safe.
class ObjectDecoder {
public:
    /// Both must outlive the decoder. The plan says which fields Documents keep and which ConfigMaps and Secret labels are wanted.
    ObjectDecoder(model::Inventory& inventory, const model::ReadPlan& plan);
    ~ObjectDecoder();

    /// How objects of one resource are decoded. Look it up once a list, not once an object.
    struct Target;
    /// Never null; valid as long as the decoder. An unknown resource id gives Documents.
    [[nodiscard]] const Target* target(std::string_view resource);

    enum class Outcome {
        kept,
        ignored,   ///< not asked for: a ConfigMap that the plan does not name, an object outside the plan's namespaces
        malformed, ///< is now a gap that names the object and the field
    };
    Outcome decode(const Target* target, PaddedJson json);

    /// A row of a Secret list as Table (columns Name, Type, Data, Age, without object). Rows carry no namespace.
    /// The creation time is the audit's clock (`Inventory::taken_at`) less the age, so it is rounded as the age is.
    Outcome decode_secret_row(std::string_view ns, PaddedJson row, model::StringMap labels = {});

    /// An element that the splitter skipped becomes a gap `truncated`.
    void skipped(const Target* target, std::string_view reason, std::string_view head);

    /// Namespace that objects of namespaced built-in kinds get where they name none (manifests); empty: that is malformed.
    void set_default_namespace(std::string ns);
    /// True once a Secret with a value in it was met. The value is dropped.
    [[nodiscard]] bool saw_secret_values() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

/// True if the resource has a struct of its own in the inventory; the others are Documents.
[[nodiscard]] bool is_typed(std::string_view resource);
/// The field paths that the plan keeps of a resource's Documents.
[[nodiscard]] FieldPaths fields_of(const model::ReadPlan& plan, std::string_view resource);
/// True if a plan's item names the resource: by its id, or as `*.group`.
[[nodiscard]] bool asks_for(std::string_view item, std::string_view resource);

} // namespace seaworthy::kube

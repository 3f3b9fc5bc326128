// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kube/decode/field_paths.hpp"
#include "kube/decode/list_splitter.hpp"
#include "seaworthy/kube/capture.hpp"

namespace seaworthy::kube {

class JsonReader;

/// Writes an object's JSON again without what nobody judges (what managedFields and last-applied-configuration hold: who wrote the object stays) and
/// with credentials replaced.
class ObjectRewriter {
public:
    explicit ObjectRewriter(Redaction redaction);
    ~ObjectRewriter();

    /// What the object is, where it does not say so itself, as in the lists of built-in kinds.
    struct Type {
        std::string api_version;
        std::string kind;
        bool seals = false; ///< its values below `data` and `stringData` are replaced (sealed_leaves.hpp)
    };
    /// One line. `fields`: where set, what is kept beside metadata. An error where the object cannot be read.
    [[nodiscard]] Result<std::string> operator()(PaddedJson json, const Type& type, const FieldPaths* fields);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace seaworthy::kube

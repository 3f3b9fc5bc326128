// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "replay/object_store.hpp"

namespace seaworthy::replay {

/// meta.k8s.io/v1 Table: what stands before the first row, without a closing bracket.
[[nodiscard]] std::string table_head(const ResourceType& type, std::string_view metadata_json);
/// One row; with the object's metadata unless the client asked for none (includeObject).
[[nodiscard]] std::string table_row(const ResourceType& type, const StoredObject& object, bool with_metadata);

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/model/document.hpp"

namespace seaworthy::controls {

/// A metav1.LabelSelector inside a Document, with its exact semantics (C16): all terms hold, NotIn and DoesNotExist hold for objects without
/// the key. A selector that is absent or empty matches everything, as in webhook configurations and policy bindings.
[[nodiscard]] bool selector_matches(const model::Value& selector, const model::StringMap& labels);
/// The same for a namespace: the API server gives each the label kubernetes.io/metadata.name, which files may leave out.
[[nodiscard]] bool namespace_selector_matches(const model::Value& selector, const model::StringMap& labels, std::string_view name);
/// Absent, or without any term.
[[nodiscard]] bool selector_is_empty(const model::Value& selector);
/// True if some term asks for a label to be there: an object without labels is not selected.
[[nodiscard]] bool selector_opts_in(const model::Value& selector);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/model/document.hpp"
#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::controls {

/// metav1.LabelSelector of a Document, with its exact semantics (C16): `{}` selects everything, a missing selector nothing.
[[nodiscard]] bool document_selects(const model::Value& selector, const model::StringMap& labels);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kube/decode/json_reader.hpp"

namespace seaworthy::kube {

/// True if a set of fields (FieldsV1, "f:spec": {"f:replicas": {}}) owns something under spec other than
/// the annotation by which `kubectl rollout restart` makes new pods.
[[nodiscard]] bool owns_spec(JsonReader& json, simdjson::ondemand::value fields);

} // namespace seaworthy::kube

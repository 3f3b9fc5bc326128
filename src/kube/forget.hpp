// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// Takes back every object of a resource, and what is known of it as malformed or truncated, so that its list can be read again from
/// the beginning. `ns` empty: in all namespaces.
void forget(model::Inventory& inventory, std::string_view resource, std::string_view ns);

} // namespace seaworthy::kube

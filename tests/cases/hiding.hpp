// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/model/inventory.hpp"

namespace cases {

/// Takes the objects of a resource out of an inventory, in one namespace or ("*") in all, and leaves a gap `forbidden` in their place.
void hide(seaworthy::model::Inventory& inventory, std::string_view resource, std::string_view ns = "*");

} // namespace cases

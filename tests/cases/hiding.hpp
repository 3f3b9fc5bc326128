// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "seaworthy/model/inventory.hpp"

namespace cases {

/// Takes the objects of a resource out of an inventory, in one namespace or ("*") in all, and leaves a gap `forbidden` in their place.
/// Puts them back when it goes.
class Hidden {
public:
    Hidden(seaworthy::model::Inventory& inventory, std::string_view resource, std::string_view ns = "*");
    ~Hidden();
    Hidden(const Hidden&) = delete;
    Hidden& operator=(const Hidden&) = delete;

private:
    template <typename List, typename IsHidden>
    void take(List& list, const IsHidden& is_hidden);

    std::vector<std::function<void()>> m_restore;
};

} // namespace cases

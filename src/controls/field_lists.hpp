// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

template <std::size_t N>
consteval std::array<check::Fields, N> as_array(const check::Fields (&list)[N])
{
    return std::to_array(list);
}
template <std::size_t N>
consteval std::array<check::Fields, N> as_array(const std::array<check::Fields, N>& list)
{
    return list;
}

/// One list of fields made of several, for a rule that rests on another's evidence as well: what the other adds later is in it too.
template <typename... Lists>
[[nodiscard]] consteval auto joined(const Lists&... lists)
{
    std::array<check::Fields, (std::tuple_size_v<decltype(as_array(lists))> + ...)> all;
    auto at = all.begin();
    ((at = std::ranges::copy(as_array(lists), at).out), ...);
    return all;
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

/// The nineteen controls: steps 1–16, then the advice topics.
[[nodiscard]] std::span<const check::Control* const> catalog();
[[nodiscard]] const check::Control* find_control(std::string_view id);
[[nodiscard]] const check::Check* find_check(std::string_view id);
/// The control that holds the check.
[[nodiscard]] const check::Control* control_of(const check::Check& check);
/// Position in catalog().
[[nodiscard]] std::size_t index_of(const check::Control& control);

} // namespace seaworthy::controls

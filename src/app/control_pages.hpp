// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "seaworthy/check/check.hpp"

// The catalogue for people and scripts: what `seaworthy controls` prints, and docs/controls/.
namespace seaworthy::app {

using Catalog = std::span<const check::Control* const>;

/// interfaces.md's array of controls with their checks.
[[nodiscard]] std::string controls_json(Catalog catalog);
[[nodiscard]] std::string controls_table(Catalog catalog);
/// docs/controls/README.md: links to a page for each control.
[[nodiscard]] std::string controls_markdown(Catalog catalog);

enum class PageStyle { text, markdown };
/// One control with all of its checks in full, or one check.
[[nodiscard]] std::string explain(const check::Control& control, PageStyle style);
[[nodiscard]] std::string explain(const check::Check& check, const check::Control& control, PageStyle style);

} // namespace seaworthy::app

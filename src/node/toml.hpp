// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "seaworthy/base/error.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::node {

/// A TOML 1.0 document of at most 256 KiB as a Value, tables in the order of the file: containerd tries hosts in that order. An error says
/// where and why, never what is in the file.
[[nodiscard]] Result<model::JsonText> parse_toml(std::string_view text);

} // namespace seaworthy::node

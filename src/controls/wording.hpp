// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// How results speak: names from the cluster are shown quoted, long lists are cut.
namespace seaworthy::controls {

/// "1 pod", "3 pods".
[[nodiscard]] std::string counted(std::size_t number, std::string_view noun);
/// The first few of `items`: "a, b, c and 4 more".
[[nodiscard]] std::string first_few(std::span<const std::string> items, std::size_t shown = 3);
/// Sorted, each once, at most `limit`: evidence stays small however large the cluster is.
[[nodiscard]] std::vector<std::string> as_evidence(std::vector<std::string> items, std::size_t limit = 20);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seaworthy {

/// The candidate that a person who typed `word` probably meant: the nearest by edit distance (a swap of neighbours counts once),
/// within a third of the word's length. Empty where none is near. Of equals the first.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// `; did you mean "interval"?`, or empty where no candidate is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "seaworthy/check/verdict.hpp"

namespace seaworthy::report {

/// Evidence as a string of bytes: what a Report stores, a fifth of the size of the vectors. Empty for none.
[[nodiscard]] std::string encode(const check::Evidence& evidence);
/// The entries that encode() wrote. Of bytes that were cut, those that are whole.
[[nodiscard]] check::Evidence decode_evidence(std::string_view bytes);

} // namespace seaworthy::report

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace seaworthy::replay {

/// The same for the same text in every run and on every machine.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325ULL);
/// Looks like a uid. `text` names the object: "Pod/shop/web-0".
[[nodiscard]] std::string stable_uid(std::string_view text);
/// A random-looking suffix of the letters that Kubernetes uses (apimachinery util/rand).
[[nodiscard]] std::string stable_suffix(std::string_view text, std::size_t length);

} // namespace seaworthy::replay

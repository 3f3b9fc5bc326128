// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seaworthy::model {

/// Why something could not be observed.
enum class Reason : std::uint8_t { none, forbidden, not_served, timeout, truncated, malformed, unavailable, unobservable };

[[nodiscard]] std::string_view name(Reason reason); ///< "forbidden"; empty for none
[[nodiscard]] std::optional<Reason> parse_reason(std::string_view text);

/// True for what the configuration asked for and did not get: it counts as nothing proven, 0 in the score.
/// False for what nobody asked for (`unobservable`, `not_served`): it is left out of the score.
[[nodiscard]] constexpr bool is_missing(Reason reason)
{
    return reason != Reason::none && reason != Reason::unobservable && reason != Reason::not_served;
}

/// A list, or a part of one, that could not be read.
struct Gap {
    std::string resource; ///< "networkpolicies.networking.k8s.io"
    std::string ns = "*"; ///< the namespace that is missing, or "*"
    Reason reason = Reason::none;
    std::string message;
};

} // namespace seaworthy::model

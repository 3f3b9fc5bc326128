// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/gap.hpp"

#include <array>

namespace seaworthy::model {
namespace {

constexpr std::array<std::string_view, 8> k_names{"", "forbidden", "not_served", "timeout", "truncated", "malformed", "unavailable", "unobservable"};

} // namespace

std::string_view name(Reason reason)
{
    return k_names[static_cast<std::size_t>(reason)];
}

std::optional<Reason> parse_reason(std::string_view text)
{
    for (std::size_t i = 1; i < k_names.size(); ++i)
        if (k_names[i] == text) return static_cast<Reason>(i);
    return std::nullopt;
}

} // namespace seaworthy::model

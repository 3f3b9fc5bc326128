// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace seaworthy::kube {

/// What SOPS writes for every value that it has encrypted.
inline constexpr std::string_view k_sops_value = "ENC[AES256_GCM,";
/// What stands in memory and in captures for a value that somebody left readable.
inline constexpr std::string_view k_clear_value = "[clear]";

/// True for resources that are to carry encrypted values in the open (SopsSecrets): the values below `data` and `stringData` are
/// replaced while they are read, since those that are not encrypted are secrets.
[[nodiscard]] constexpr bool seals_leaves(std::string_view resource)
{
    const auto plural = resource.substr(0, resource.find('.'));
    return plural == "sopssecrets" || plural == "globalsopssecrets";
}
[[nodiscard]] constexpr bool holds_leaves(std::string_view key)
{
    return key == "data" || key == "stringData";
}
/// The stand-in for a value; an empty one stays empty, as in SOPS.
[[nodiscard]] constexpr std::string_view sealed(std::string_view value)
{
    return value.empty() ? value : value.starts_with(k_sops_value) ? k_sops_value : k_clear_value;
}

} // namespace seaworthy::kube

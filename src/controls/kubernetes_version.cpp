// SPDX-License-Identifier: Apache-2.0
#include "controls/kubernetes_version.hpp"

#include <charconv>

namespace seaworthy::controls {

std::optional<int> minor_version(std::string_view version)
{
    if (version.starts_with('v')) version.remove_prefix(1);
    if (!version.starts_with("1.")) return std::nullopt;
    version.remove_prefix(2);
    int minor = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), minor);
    return error == std::errc{} ? std::optional{minor} : std::nullopt;
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

/// A ConfigMap that was read by name (grant CM); nullptr where it was not read or is not there.
[[nodiscard]] const model::Document* find_config_map(const check::Context& context, std::string_view ns, std::string_view name);

/// The ConfigMaps that a workload's templates mount, projected ones included.
[[nodiscard]] std::set<std::string_view> mounted_config_maps(const model::Workload& workload);

/// The configuration of an agent, as far as it is in ConfigMaps.
struct ConfigFiles {
    std::vector<std::string_view> texts;  ///< values of the ConfigMaps that its pods mount
    std::optional<check::Verdict> unread; ///< set where there is more than `texts`, or nothing: why
};
/// For checks with a parameter `configMaps`, which names what is read.
[[nodiscard]] ConfigFiles config_files_of(const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls

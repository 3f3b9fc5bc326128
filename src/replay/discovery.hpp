// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/answer.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

/// `GET /api` and `GET /apis`: aggregated (KEP-3352) where the client and `aggregated` allow it, else the names of groups and versions.
[[nodiscard]] Answer discover_roots(const std::vector<ResourceType>& types, bool core, std::string_view accept, bool aggregated);
/// `GET /apis/GROUP`.
[[nodiscard]] Answer discover_group(const std::vector<ResourceType>& types, std::string_view group);
/// `GET /api/v1`, `GET /apis/GROUP/VERSION`.
[[nodiscard]] Answer discover_version(const std::vector<ResourceType>& types, std::string_view group, std::string_view version);
/// `GET /version`.
[[nodiscard]] Answer version_answer(std::string_view git_version);

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
// What a plan's probe URLs ask of the API server itself: its own endpoints and reviews of the audit's rights.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/api_loop.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// `selfsubjectaccessreview:<verb>/<plural>[.<group>][/<namespace>]` or `selfsubjectrulesreview:<namespace>` as the request that asks it;
/// nothing for another URL.
[[nodiscard]] std::optional<ApiRequest> review_request(std::string_view url);

/// `apiserver:/path` as a request; nothing for another URL.
[[nodiscard]] std::optional<ApiRequest> endpoint_request(std::string_view url);

/// Asks those of `urls` that the API server answers; the rest (hosts of the configuration) are somebody else's. Answers, failures too,
/// become `inventory.probes`.
void start_probes(ApiLoop& loop, model::Inventory& inventory, const std::vector<std::string>& urls);

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/json.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

/// Every kind that a cluster has without any CustomResourceDefinition, as far as anything here asks for it.
[[nodiscard]] std::vector<ResourceType> builtin_types();

/// Resources of the built-in groups that discovery lists but that cannot be listed themselves (reviews, bindings).
[[nodiscard]] std::vector<ResourceType> unlistable_types();

/// What a CustomResourceDefinition defines: of the served versions, the one that Kubernetes prefers.
[[nodiscard]] std::optional<ResourceType> defined_type(const Json& definition);

/// A custom resource known only by an object of it.
[[nodiscard]] ResourceType guessed_from_object(std::string_view api_version, std::string_view kind, bool namespaced);

/// A custom resource known only by its id ("ciliumnetworkpolicies.cilium.io").
[[nodiscard]] ResourceType guessed_from_id(std::string_view id);

/// "policies" for "Policy": how nearly every definition forms its plural.
[[nodiscard]] std::string plural_of(std::string_view kind);

} // namespace seaworthy::replay

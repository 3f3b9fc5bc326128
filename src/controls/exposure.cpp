// SPDX-License-Identifier: Apache-2.0
#include "controls/exposure.hpp"

#include <algorithm>

namespace seaworthy::controls {

bool exposes_something(std::string_view ns, const check::Context& context)
{
    return std::ranges::any_of(k_route_kinds, [&](std::string_view kind) { return !context.index.documents_in(kind, ns).empty(); }) ||
           std::ranges::any_of(context.index.services_in(ns), [](const auto* service) { return service->type == "LoadBalancer"; });
}

} // namespace seaworthy::controls
